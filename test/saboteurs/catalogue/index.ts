import type { Benign, Saboteur } from '../saboteur.ts';
import { benigns } from './benign.ts';
import { bytesOnDisk } from './bytes-on-disk.ts';
import { chains } from './chains.ts';
import { drillItself } from './drill-itself.ts';
import { grafanaFaults } from './grafana.ts';
import { hostiles } from './hostile.ts';
import { influxdbFaults } from './influxdb.ts';
import { mysqlContent } from './mysql-content.ts';
import { physicalFaults } from './physical.ts';
import { timeAndCopies } from './time-and-copies.ts';

/** A section of the catalogue. */
export interface Section {
  title: string;
  saboteurs: readonly Saboteur[];
}

export const sections: readonly Section[] = [
  { title: 'Bytes on disk', saboteurs: bytesOnDisk },
  { title: 'Content of MySQL', saboteurs: mysqlContent },
  { title: 'The physical format of MySQL', saboteurs: physicalFaults },
  { title: 'Chains', saboteurs: chains },
  { title: 'InfluxDB', saboteurs: influxdbFaults },
  { title: 'Grafana', saboteurs: grafanaFaults },
  { title: 'Time, retention, copies, keys', saboteurs: timeAndCopies },
  { title: 'Hostile backups', saboteurs: hostiles },
  { title: 'The drill itself', saboteurs: drillItself },
];

export const allSaboteurs: readonly Saboteur[] = sections.flatMap((each) => each.saboteurs);
export const allBenigns: readonly Benign[] = benigns;
