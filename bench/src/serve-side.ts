/**
 * Makes this process a side of a CPU benchmark: starts what `start` starts and tells the parent over IPC first its `{ url }`, then,
 * for every message, the CPU time used so far in microseconds. Once the parent lets go, what was started is stopped.
 */
export async function serveSide(start: () => Promise<{ url: string; stop?: () => Promise<void> }>): Promise<void> {
  const { url, stop } = await start();
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.on("disconnect", async () => {
    await stop?.();
    process.exit(0);
  });
  process.send?.({ url });
}
