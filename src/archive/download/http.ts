/**
 * Requests to an archive: raw bytes (no content encoding is undone, a .csv.gz stays one), redirects,
 * time-outs of idleness rather than of length, the usual proxy variables. Every failure comes out as
 * a FetchFailure that says whether another try makes sense.
 */
import { setTimeout as pause } from 'node:timers/promises';
import pRetry from 'p-retry';
import { type Dispatcher, EnvHttpProxyAgent, interceptors, request } from 'undici';
import { ReplayError } from '../../basics/errors.ts';

/** Why a file did not come, in words for a person. */
export class FetchFailure extends Error {
  /** Nobody answered, or the line broke. */
  readonly network: boolean;
  readonly again: boolean;
  /** What the server asked us to wait, else 0. */
  readonly waitMs: number;
  /** More of the file is on disk than ever before: the next try is no repetition. */
  headway = false;

  constructor(message: string, how: { network?: boolean; again: boolean; waitMs?: number }) {
    super(message);
    this.name = 'FetchFailure';
    this.network = how.network === true;
    this.again = how.again;
    this.waitMs = how.waitMs ?? 0;
  }
}

export interface HttpOptions {
  readonly baseUrl: string;
  readonly parallel: number;
  /** Tries after the first. */
  readonly retries: number;
  /** Pause before the second try; each further one is twice as long, 30 s at most. */
  readonly firstPauseMs: number;
  /** A server that is silent for this long has failed. */
  readonly idleMs: number;
}

export interface Reply {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly body: AsyncIterable<Uint8Array>;
  readonly text: () => Promise<string>;
  /** Ends a reply whose body is not wanted. */
  readonly drop: () => void;
}

const MAX_PAUSE_MS = 30_000;
const MAX_WAIT_MS = 120_000;
const MAX_REDIRECTIONS = 5;
const BUSY = [408, 425, 429, 500, 502, 503, 504];

/** The client of one download. `close` ends its connections. */
export class Http {
  private readonly agent: EnvHttpProxyAgent;
  private readonly dispatcher: Dispatcher;
  private readonly base: URL;
  private readonly options: HttpOptions;
  private readonly stopping = new AbortController();
  /** Replies so far: while it stands still, nobody answers. */
  answers = 0;

  /** @throws ReplayError SCENARIO_INVALID when the base is no http(s) address */
  constructor(options: HttpOptions) {
    this.options = options;
    const base = options.baseUrl.replace(/\/?$/, '/');
    const url = URL.canParse(base) ? new URL(base) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) {
      const remedy = 'Write an address such as https://mirror.example/binance/.';
      throw new ReplayError('SCENARIO_INVALID', `no base address: ${options.baseUrl}`, {}, remedy);
    }
    this.base = url;
    this.agent = new EnvHttpProxyAgent({ connections: options.parallel });
    this.dispatcher = this.agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTIONS }));
  }

  /** Address of a path below the base. */
  urlOf(path: string): string {
    return new URL(path.split('/').map(encodeURIComponent).join('/'), this.base).href;
  }

  /** All requests under way end, further ones fail. */
  stop(): void {
    this.stopping.abort();
  }

  get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  /**
   * One GET.
   *
   * @returns  a reply of 200, 206, 404 (410 counts as it) or 416; anything else is a failure
   * @throws FetchFailure
   */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const { idleMs } = this.options;
    const sent = await onLine(() =>
      request(this.urlOf(path), {
        dispatcher: this.dispatcher,
        headers: { 'accept-encoding': 'identity', 'user-agent': 'cascade-replay', ...headers },
        headersTimeout: idleMs,
        bodyTimeout: idleMs,
        signal: this.stopping.signal,
      }),
    );
    this.answers++;
    const { statusCode, body } = sent;
    const header = (name: string): string | null => {
      const value = sent.headers[name];
      return Array.isArray(value) ? (value[0] ?? null) : (value ?? null);
    };
    const drop = (): void => void body.on('error', () => {}).destroy();
    const status = statusCode === 410 ? 404 : statusCode;
    if (![200, 206, 404, 416].includes(status)) {
      drop();
      const waitMs = Math.min(Number(header('retry-after') ?? 0) * 1000 || 0, MAX_WAIT_MS);
      const why = status === 403 ? ' (refused: some archives block regions)' : '';
      throw new FetchFailure(`HTTP ${status}${why}`, { again: BUSY.includes(status), waitMs });
    }
    return { status, header, body: piecesOf(body), text: () => onLine(() => body.text()), drop };
  }

  /**
   * Tries with exponential back-off until it works or makes no sense. A try that brought the file
   * further than ever before does not count, so that a long file comes over a bad line.
   *
   * @throws FetchFailure of the last try, ReplayError as it came
   */
  async retried<T>(attempt: () => Promise<T>): Promise<T> {
    return pRetry(attempt, {
      retries: this.options.retries,
      minTimeout: this.options.firstPauseMs,
      maxTimeout: MAX_PAUSE_MS,
      shouldConsumeRetry: ({ error }) => !(error instanceof FetchFailure && error.headway),
      shouldRetry: ({ error }) => error instanceof FetchFailure && error.again && !this.stopped,
      onFailedAttempt: async ({ error, retriesLeft }) => {
        if (error instanceof FetchFailure && error.waitMs > 0 && retriesLeft > 0) await pause(error.waitMs);
      },
    });
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

async function* piecesOf(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await onLine(() => pieces.next());
    if (done === true) return;
    yield value;
  }
}

/** What the client throws, as a failure of the network. */
async function onLine<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const said = [code, message].filter((part) => part !== undefined && part !== '').join(': ');
    throw new FetchFailure(said === '' ? String(error) : said, { network: true, again: true });
  }
}
