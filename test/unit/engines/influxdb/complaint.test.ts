import { expect } from 'chai';
import { type Complaint, complaintOf } from '../../../../src/engines/influxdb/complaint.ts';

/** As influxd 1.6 to 1.11 say it, the time before it left out. */
const said: Record<Complaint | 'nothing', string[]> = {
  passing: [
    'Download shard 3 failed copy backup to file: err=<nil>, n=0.  Waiting 2s and retrying (0)...',
    'Download shard 3 failed copy backup to file: no data returned, check server logs for snapshot errors.  Waiting 2s and retrying (0)...',
    'Download shard 0 failed copy backup to file: err=read tcp 127.0.0.1:40112->127.0.0.1:8088: read: connection reset by peer, n=65536.  Waiting 2s and retrying (0)...',
    'Download shard 3 failed copy backup to file: err=unexpected EOF, n=512.  Waiting 2s and retrying (0)...',
    'Download shard 3 failed encode snapshot request: write tcp 127.0.0.1:40112->127.0.0.1:8088: write: broken pipe.  Waiting 2s and retrying (0)...',
    'WARN: Snapshotter busy: proceeding without cache contents',
  ],
  unreachable: [
    'Download shard 0 failed dial tcp 127.0.0.1:8088: connect: connection refused.  Waiting 2s and retrying (0)...',
    'Download shard 0 failed dial tcp: lookup db1: no such host.  Waiting 2s and retrying (0)...',
    'Download shard 0 failed dial tcp 10.0.0.9:8088: i/o timeout.  Waiting 2s and retrying (0)...',
  ],
  lasting: [
    'Download shard 3 failed copy backup to file: err=write /tmp/d/x.pending: no space left on device, n=4096.  Waiting 2s and retrying (0)...',
    'Download shard 3 failed open temp file: permission denied.  Waiting 2s and retrying (0)...',
    'backup failed: database "agama" not found',
  ],
  nothing: [
    'backing up metastore to /tmp/d/meta.00',
    'backing up db=telegraf rp=autogen shard=12 to /tmp/d/telegraf.autogen.00012.00 since 0001-01-01T00:00:00Z',
    'backup complete:',
  ],
};

describe('complaintOf', () => {
  for (const [meaning, lines] of Object.entries(said)) {
    for (const line of lines) {
      it(`takes for ${meaning}: ${line}`, () => {
        expect(complaintOf(`2026/11/22 01:30:00 ${line}`) ?? 'nothing').to.equal(meaning);
      });
    }
  }
});
