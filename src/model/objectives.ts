/** What is promised for one service. */
export interface Objectives {
  /** Recovery point objective: how much of the newest data may be lost. */
  rpoMs: number;
  retentionDays: number;
}

/** The five reasons for which a restore is done; the journal names one of them. */
export const restoreReasons = ['deleted-data', 'failed-service', 'bad-change', 'hardware', 'manager-request'] as const;
export type RestoreReason = (typeof restoreReasons)[number];
