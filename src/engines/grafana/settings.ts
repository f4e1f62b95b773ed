import { z } from 'zod';
import { secretSchema } from '../../model/secret.ts';

const absolutePath = z
  .string()
  .max(4096)
  .regex(/^\/[^\0\r\n]+$/, 'an absolute path');

export const grafanaSettings = z.strictObject({
  database: absolutePath
    .default('/var/lib/grafana/grafana.db')
    .describe('the SQLite database of Grafana, on the host where Grafana runs'),
  files: z
    .array(absolutePath)
    .default(['/etc/grafana'])
    .describe(
      'files and folders there that are backed up beside it: grafana.ini, provisioning, ldap.toml, certificates',
    ),
  secretKey: secretSchema
    .optional()
    .describe(
      "Grafana's secret_key, when it is not in [security] of a backed-up grafana.ini and not Grafana's default",
    ),
  apiToken: secretSchema
    .optional()
    .describe(
      'an API key (a service account token from 9 on) of a Viewer: with it a backup asks, through Grafana, which panels have data, and each drill is held to that; of a target for `restore --dashboards`: of an Editor',
    ),
  port: z.int().min(1).max(65_535).default(3000).describe('of its HTTP API, which is asked for the version'),
  scheme: z.enum(['http', 'https']).default('http').describe('of its HTTP API'),
});

export type GrafanaSettings = z.infer<typeof grafanaSettings>;
