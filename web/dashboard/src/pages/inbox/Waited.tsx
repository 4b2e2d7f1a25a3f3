import { useEffect, useState } from "react";

const SECOND_MS = 1_000;
const LOOK_MS = 10_000;
const SECONDS = [86_400, 3_600, 60] as const;
const NAMES = ["d", "h", "min"] as const;

/** How long somebody has waited: "4 min", "2 h". It stays true while the page is open. */
export function Waited({ since }: { since: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={since} title={new Date(since).toLocaleString("en")}>
      Waiting {saidOf((now - new Date(since).getTime()) / SECOND_MS)}
    </time>
  );
}

function saidOf(seconds: number): string {
  const at = SECONDS.findIndex((size) => seconds >= size);
  return at === -1 ? "< 1 min" : `${Math.floor(seconds / (SECONDS[at] ?? 1))} ${NAMES[at]}`;
}
