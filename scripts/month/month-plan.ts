/** A moment at which the clock stands still while all that is due by then is done. */
export interface MonthStep {
  at: Date;
  /** `2026-12-02 01:30` */
  title: string;
  /** What has happened since the step before: a file of statements in fixtures/demo/agama/week; null when all was seeded just now. */
  changes: string | null;
  /** Everything changes at night, agama's rows during the day as well. */
  isNight: boolean;
  /** The night whose newest backup of agama is damaged before its drill. */
  isDamaged: boolean;
}

export const nights = 36;
/** A Wednesday: an increment in the middle of a chain, of which later backups depend. */
const damagedNight = 17;
const dayMs = 86_400_000;
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/**
 * Five weeks and a day from the next Sunday on, so that the first chain of what is kept for 28 days expires: each night the
 * backups (01:30) and the drill (02:15), and increments of agama at noon. Retention in InfluxDB goes by the real clock, and
 * would take points away that lie in the past.
 */
export function planMonth(now: Date): MonthStep[] {
  const midnight = Math.floor(now.getTime() / dayMs) * dayMs;
  const sunday = midnight + (7 - new Date(midnight).getUTCDay()) * dayMs;
  return Array.from({ length: nights }, (_, night) => night).flatMap((night): MonthStep[] => {
    const at = (hour: number, minute: number) => new Date(sunday + night * dayMs + (hour * 60 + minute) * 60_000);
    // The changes of a week's days can be made once; an hour's again and again.
    const changes = night === 0 ? null : night < 7 ? `${weekdays[night]}.sql` : 'hour.sql';
    const quiet = { changes: null, isNight: false, isDamaged: false };
    const backups = { ...quiet, at: at(1, 30), changes, isNight: true };
    const drill = { ...quiet, at: at(2, 15), isDamaged: night === damagedNight };
    const noon = { ...quiet, at: at(12, 30), changes: 'hour.sql' };
    // A daemon that is new does all at once.
    return (night === 0 ? [{ ...drill, isNight: true }, noon] : [backups, drill, noon]).map((step) => ({
      ...step,
      title: step.at.toISOString().slice(0, 16).replace('T', ' '),
    }));
  });
}
