/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const escapes: Readonly<Record<string, string>> = { "\\n": "\n", '\\"': '"', "\\\\": "\\" };

/** The samples of `text` (Prometheus' text format) whose name begins with `prefix`. Timestamps are dropped. */
export function parseMetrics(text: string, prefix = ""): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("#") || !line.startsWith(prefix)) continue;
    const match = sampleLine.exec(line);
    const [, name, labelText = "", value] = match ?? [];
    if (name === undefined || value === undefined) continue;
    const labels = new Map<string, string>();
    for (const [, key = "", quoted = ""] of labelText.matchAll(label)) {
      labels.set(
        key,
        quoted.replace(/\\[n"\\]/g, (escape) => escapes[escape] ?? escape),
      );
    }
    samples.push({ name, labels, value: value === "+Inf" ? Infinity : Number(value) });
  }
  return samples;
}

/** The sum of all samples called `name` that carry all of `labels`; 0 where there is none. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const wanted = Object.entries(labels);
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => wanted.every(([key, value]) => sample.labels.get(key) === value))
    .reduce((sum, sample) => sum + sample.value, 0);
}
