/** One moment of the demo's week: what has happened since the one before, then a backup. */
export interface WeekMoment {
  at: Date;
  /** For the demo's lines: `Monday 01:30`. */
  title: string;
  /** File of statements in fixtures/demo/agama/week; null for Sunday, when all is seeded. */
  changes: string | null;
  /** undefined: all services. */
  services?: readonly string[];
  full: boolean;
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const hours = [21, 22, 23] as const;
const dayMs = 86_400_000;

/** The last week that is over: Sunday's full, six nights of increments, and some of Saturday's hours for agama; then drills. */
export function planWeek(now: Date): { moments: WeekMoment[]; drillAt: Date; burnedAt: Date } {
  const sunday = startOfLastWeek(now);
  const at = (day: number, hour: number, minute: number) =>
    new Date(sunday.getTime() + day * dayMs + (hour * 60 + minute) * 60_000);
  const nights = days.map((name, day) => ({
    at: at(day, 1, 30),
    title: `${name} 01:30`,
    changes: day === 0 ? null : `${name.toLowerCase()}.sql`,
    full: day === 0,
  }));
  const hourly = hours.map((hour) => ({
    at: at(6, hour, 30),
    title: `Saturday ${hour}:30`,
    changes: 'hour.sql',
    services: ['agama'],
    full: false,
  }));
  return { moments: [...nights, ...hourly], drillAt: at(6, 23, 45), burnedAt: at(6, 23, 55) };
}

/** Midnight, UTC, of the Sunday whose week ended last. */
function startOfLastWeek(now: Date): Date {
  const midnight = Math.floor(now.getTime() / dayMs) * dayMs;
  return new Date(midnight - (now.getUTCDay() + 7) * dayMs);
}

/** An instant by chance between Saturday's first hourly backup and its last one. */
export function randomHour({ moments }: { moments: readonly WeekMoment[] }, random: number): Date {
  const hourly = moments.filter((each) => each.services !== undefined);
  const [first, last] = [hourly[0]?.at.getTime() ?? 0, hourly.at(-1)?.at.getTime() ?? 0];
  return new Date(Math.floor((first + random * (last - first)) / 1000) * 1000);
}
