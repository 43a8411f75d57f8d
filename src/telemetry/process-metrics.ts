import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, type Registry } from "@prometheus-io/client";

/** Milliseconds between the samples of the event loop. */
const lagResolution = 20;

/** Build, CPU, memory and the event loop's lag; read when they are asked for. */
export function processMetrics(registry: Registry, version: string): void {
  const registers = [registry];
  new Gauge({
    name: "ringfence_build_info",
    help: "1; the labels say what is running",
    labelNames: ["version", "node_version"],
    registers,
  }).set({ version, node_version: process.version }, 1);
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since 1970",
    registers,
  }).set(Math.round(Date.now() / 1_000 - process.uptime()));
  let counted = 0;
  new Counter({
    name: "process_cpu_seconds_total",
    help: "User and system CPU time of the process",
    registers,
    collect(): void {
      const { user, system } = process.cpuUsage();
      const seconds = (user + system) / 1e6;
      this.inc(seconds - counted);
      counted = seconds;
    },
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Memory of the process that is in RAM",
    registers,
    collect(): void {
      this.set(process.memoryUsage.rss());
    },
  });
  lagMetric(registry);
}

/** Since the last time it was read: the loop's delay beyond the sampling interval. */
function lagMetric(registry: Registry): void {
  const histogram = monitorEventLoopDelay({ resolution: lagResolution });
  histogram.enable();
  const seconds = (nanoseconds: number): number =>
    Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - lagResolution / 1e3) : 0;
  new Gauge({
    name: "ringfence_event_loop_lag_seconds",
    help: "Delay of the event loop since the last scrape: median, 99th percentile and maximum (quantile 1)",
    labelNames: ["quantile"],
    registers: [registry],
    collect(): void {
      this.set({ quantile: "0.5" }, seconds(histogram.percentile(50)));
      this.set({ quantile: "0.99" }, seconds(histogram.percentile(99)));
      this.set({ quantile: "1" }, seconds(histogram.max));
      histogram.reset();
    },
  });
}
