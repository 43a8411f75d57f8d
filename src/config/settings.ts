import { compiledCeiling } from "../intent/ceiling.ts";
import type { Modes, ModeName, ProfileAt, Version } from "../model/profile.ts";
import { parseVersion } from "../model/profile.ts";
import type { Rule } from "../model/rule.ts";
import type { Settings } from "../model/settings.ts";
import { dnsSettings } from "./dns.ts";
import { ingressControllerSettings } from "./ingress-controllers.ts";
import { intentSettings } from "./intents.ts";
import { parseDuration } from "./scalars.ts";
import type { Configuration } from "./schema.ts";
import { apiVersion, configurationSchema, kind } from "./schema.ts";

/** A parsed configuration as the engine and the rules see it. */
export function settingsOf(configuration: Configuration): Settings {
  const { enforcement, operators, exemptions, systemNamespaces } = configuration;
  return {
    enforcement: enforcement === true ? "on" : enforcement === false ? "off" : enforcement,
    defaults: modesOf(configuration.defaults),
    floor: configuration.floor,
    operators:
      operators === undefined
        ? undefined
        : { users: new Set(operators.users), groups: new Set(operators.groups) },
    exemptions: {
      users: new Set(exemptions.users),
      groups: new Set(exemptions.groups),
      namespaces: new Set(exemptions.namespaces),
    },
    exceptions: configuration.exceptions.map(({ until, ...rest }) =>
      until === undefined ? rest : { ...rest, until },
    ),
    waivable: new Set(configuration.waivable),
    protectedNamespaceLabels: new Set(configuration.protectedNamespaceLabels),
    publicNamespaces: new Set(configuration.publicNamespaces),
    systemNamespaces: { names: new Set(systemNamespaces.names), action: systemNamespaces.action },
    curableHold: parseDuration(configuration.curableHold) ?? 0,
    curableHoldLimit: configuration.curableHoldLimit,
    limits: configuration.limits,
    dns: dnsSettings(configuration.dns),
    clusterAddresses: configuration.clusterAddresses,
    apiServer: configuration.apiServer,
    ingressControllers: ingressControllerSettings(configuration.ingressControllers),
    intents: intentSettings(configuration.intents),
    ceiling: configuration.ceiling === undefined ? undefined : compiledCeiling(configuration.ceiling),
    companions: configuration.companions,
    rules: new Map(Object.entries(configuration.rules)),
  };
}

/** What holds without a configuration file: everything is privileged, enforcement is on. */
export function defaultSettings(rules: readonly Rule[]): Settings {
  return settingsOf(configurationSchema(rules).parse({ apiVersion, kind }));
}

function modesOf(section: Configuration["defaults"]): Modes {
  const at = (mode: ModeName): ProfileAt => ({
    profile: section[mode],
    version: parseVersion(section[`${mode}Version`]) ?? ("latest" satisfies Version),
  });
  return { enforce: at("enforce"), warn: at("warn"), audit: at("audit"), patch: at("patch") };
}
