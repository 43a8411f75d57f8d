import type { ObjectMeta } from "./meta.ts";

/** admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration and MutatingWebhookConfiguration: whom they call. */
export interface WebhookConfiguration {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  webhooks?:
    | {
        name: string;
        /** With a `url` in place of the Service what is called may be anywhere. */
        clientConfig?: { url?: string; service?: { namespace: string; name: string; port?: number } };
      }[]
    | null;
}
