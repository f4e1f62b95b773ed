import { Duplex, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { FiredrillError } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';
import type { Command } from './host.ts';
import type { ToolProcess } from './tool-process.ts';

const connectMs = 10_000;
const longestSaidBytes = 4_096;

// Tells a server that nothing more will come (a half-close), which a shell cannot.
const perlScript = `
use Socket;
$SIG{PIPE} = "IGNORE";
socket(S, PF_INET, SOCK_STREAM, 0) && connect(S, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or do { print STDERR "$!\\n"; exit 1 };
syswrite(STDERR, "connected\\n");
sub pump {
  my ($from, $to) = @_;
  while (1) {
    my $bytes = sysread($from, my $piece, 65536);
    defined $bytes or exit 1;
    $bytes or return;
    for (my $at = 0; $at < $bytes;) {
      my $written = syswrite($to, $piece, $bytes - $at, $at);
      defined $written or exit 1;
      $at += $written;
    }
  }
}
my $writer = fork;
defined $writer or exit 1;
if (!$writer) { pump(*STDIN, *S); shutdown(S, 1); exit 0 }
END { kill "TERM", $writer if $writer }
pump(*S, *STDOUT);
`;

// Without a half-close: a server sees the end when the whole connection ends.
const bashScript = `
exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
echo connected >&2
exec 4<&0
cat <&4 >&3 &
cat <&3
ended=$?
kill $! 2> /dev/null
exit $ended`;

const relayScript = `
if command -v perl > /dev/null; then exec perl -e "$perl" "$1"
elif command -v bash > /dev/null; then exec bash -c "$bash" bash "$1"
else echo 'there is neither perl nor bash to reach it from within' >&2; exit 127; fi`;

/** Carries bytes between its stdin and stdout and a port of the loopback there. Its stdin is attached by whoever starts it. */
export function relayCommand(port: number): Omit<Command, 'stdin'> {
  return {
    tool: 'sh',
    args: ['-c', relayScript, 'sh', String(port)],
    env: { perl: perlScript, bash: bashScript },
  };
}

/** A connection through a started relay; SOURCE_UNREACHABLE when it does not get through within 10 seconds, TOOL_MISSING without perl and bash. */
export async function throughRelay(process: ToolProcess, what: string): Promise<Duplex> {
  const said = new Said(process.stderr);
  // Nobody may miss an error of a stream that is not read yet.
  process.stdout.on('error', () => {});
  try {
    const why = await Promise.race([said.connected, refused(process, said), tooLate()]);
    if (why !== 'connected') throw new FiredrillError('SOURCE_UNREACHABLE', `cannot connect to ${what}: ${why}`);
    return new RelayedConnection(process, what);
  } catch (error) {
    await process.kill('KILL');
    process.release();
    throw error;
  }
}

/** What the relay says on stderr: first whether it is connected, or why not. */
class Said {
  readonly connected: Promise<'connected'>;
  #text = '';

  constructor(stderr: Readable) {
    const { promise, resolve } = Promise.withResolvers<'connected'>();
    this.connected = promise;
    stderr.on('error', () => {});
    stderr.on('data', (chunk: Buffer) => {
      if (this.#text.length < longestSaidBytes) this.#text += chunk.toString('latin1');
      if (/^connected$/m.test(this.#text)) resolve('connected');
    });
  }

  get reason(): string {
    const lines = this.#text.split('\n').filter((line) => line.trim() !== '');
    // The kernel's word comes first; what follows only repeats it in a shell's way.
    return plainLine(lines[0]?.replace(/^bash: (line \d+: )?(connect: )?/, '') ?? 'no answer', 200);
  }
}

async function refused({ ended }: ToolProcess, said: Said): Promise<string> {
  const ending = await ended;
  if ('missing' in ending || ('code' in ending && ending.code === 127))
    throw new FiredrillError('TOOL_MISSING', said.reason);
  return said.reason;
}

async function tooLate(): Promise<string> {
  await sleep(connectMs, undefined, { ref: false });
  return 'no answer';
}

/** Waits for slow readers on both sides. Ended by us, the other side still finishes; ended by the other side, it is over. */
class RelayedConnection extends Duplex {
  readonly #process: ToolProcess;

  constructor(process: ToolProcess, what: string) {
    super({ allowHalfOpen: false });
    this.#process = process;
    process.stdin?.on('error', (error) => this.destroy(error));
    process.stdout.on('data', (chunk: Buffer) => {
      // What comes after its end must be read away: Docker tells of no other tool's end in that container before.
      if (!this.destroyed && !this.push(chunk)) process.stdout.pause();
    });
    process.ended.then(
      (ending) => this.#conclude('code' in ending && ending.code === 0, what),
      (error: Error) => this.destroy(error),
    );
  }

  /** The relay's own end decides whether its output was whole. */
  #conclude(isWhole: boolean, what: string) {
    const { stdout } = this.#process;
    const conclude = () => {
      if (isWhole) this.push(null);
      else this.destroy(new FiredrillError('SOURCE_UNREACHABLE', `the connection to ${what} broke off`));
    };
    if (stdout.readableEnded) conclude();
    else stdout.once('end', conclude).once('error', (error) => this.destroy(error));
  }

  override _read() {
    this.#process.stdout.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.#process.stdin?.write(chunk, encoding, done);
  }

  override _final(done: (error?: Error | null) => void) {
    this.#process.stdin?.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void) {
    this.#process.stdout.resume();
    void this.#process.kill('KILL').finally(() => this.#process.release());
    done(error);
  }
}
