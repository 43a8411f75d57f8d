/** Whether a day (YYYY-MM-DD) has not passed yet at `now`, in UTC, that day included. Unreadable: passed. */
export function stillValid(day: string, now: Date): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return false;
  const end = Date.parse(`${day}T23:59:59.999Z`);
  // Date.parse refuses 2026-02-31 only in part: hold the parsed day against the text.
  return !Number.isNaN(end) && new Date(end).toISOString().startsWith(day) && now.getTime() <= end;
}
