/** The memory that a Node process started with `--inspect=127.0.0.1:PORT` cannot free, in MiB. */
export interface Heap {
  /** Collects garbage first. */
  used(): Promise<number>;
  close(): void;
}

/** Joins the process by the Chrome DevTools protocol. */
export async function watchHeap(port: number): Promise<Heap> {
  const list = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    webSocketDebuggerUrl: string;
  }[];
  const url = list[0]?.webSocketDebuggerUrl;
  if (url === undefined) throw new Error(`nothing to inspect on port ${port}`);
  const socket = new WebSocket(url);
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id: number; result: unknown };
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error(`no inspector on port ${port}`)));
  });
  let last = 0;
  const call = (method: string): Promise<unknown> =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      socket.send(JSON.stringify({ id: last, method }));
    });
  return {
    used: async () => {
      await call("HeapProfiler.collectGarbage");
      const usage = (await call("Runtime.getHeapUsage")) as {
        usedSize: number;
        backingStorageSize?: number;
      };
      return (usage.usedSize + (usage.backingStorageSize ?? 0)) / 1024 / 1024;
    },
    close: () => socket.close(),
  };
}
