/**
 * A public archive on 127.0.0.1 for tests: serves files from memory with ETag, length and ranges, does
 * what it is told wrongly, and keeps a log of what it sent.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import yazl from 'yazl';

/** What goes wrong with one reply. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** One byte is wrong. */
  | { readonly kind: 'spoilt' }
  /** The connection is destroyed after so many bytes. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Nothing more comes after so many bytes. */
  | { readonly kind: 'stall'; readonly after: number };

export interface Sent {
  readonly path: string;
  readonly status: number;
  /** First byte asked for. */
  readonly from: number;
  /** Bytes of body handed to the system. */
  bytes: number;
}

export interface ArchiveServer {
  readonly url: string;
  /** By path without a leading slash; may be changed while it runs. */
  readonly files: Map<string, Buffer>;
  /** Faults of the next replies of a path, used up one by one; one that stays is repeated. */
  readonly faults: Map<string, Fault[]>;
  readonly stays: Map<string, Fault>;
  readonly log: Sent[];
  /** Replies of a path: with a body, without failures. */
  readonly sent: (path: string) => Sent[];
  readonly close: () => Promise<void>;
}

export interface ServerOptions {
  readonly files?: Iterable<readonly [string, Buffer]>;
  /** false: every reply is the whole file. */
  readonly ranges?: boolean;
  /** false: versions have no ETag. */
  readonly etag?: boolean;
  /** false: a range is sent of whatever version there is. */
  readonly conditions?: boolean;
  /** false: the length is not told. */
  readonly length?: boolean;
  /** Bodies come in pieces with pauses. */
  readonly drip?: { readonly bytes: number; readonly ms: number };
  readonly onRequest?: (path: string) => void;
}

/** Starts a server; close it at the end of the test. */
export async function archiveServer(options: ServerOptions = {}): Promise<ArchiveServer> {
  const files = new Map(options.files ?? []);
  const [faults, stays, log] = [new Map<string, Fault[]>(), new Map<string, Fault>(), [] as Sent[]];

  async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url!.slice(1));
    options.onRequest?.(path);
    const fault = faults.get(path)?.shift() ?? stays.get(path);
    const whole = files.get(path);
    const status = fault?.kind === 'status' ? fault.status : whole === undefined ? 404 : 200;
    if (whole === undefined || status !== 200) {
      log.push({ path, status, from: 0, bytes: 0 });
      response.writeHead(status, fault?.kind === 'status' ? fault.headers : {}).end('no such thing');
      return;
    }
    const etag = `"${createHash('md5').update(whole).digest('hex')}"`;
    const from =
      options.ranges === false ? 0 : rangeStart(request, options.conditions === false ? null : etag);
    if (from > 0 && from >= whole.length) {
      log.push({ path, status: 416, from, bytes: 0 });
      response.writeHead(416, { 'content-range': `bytes */${whole.length}` }).end();
      return;
    }
    const body = Buffer.from(whole.subarray(from));
    if (fault?.kind === 'spoilt') body[body.length >> 1]! ^= 0xff;
    const sent: Sent = { path, status: from > 0 ? 206 : 200, from, bytes: 0 };
    log.push(sent);
    response.writeHead(sent.status, {
      ...(options.ranges === false ? {} : { 'accept-ranges': 'bytes' }),
      ...(options.ranges === false || options.etag === false ? {} : { etag }),
      ...(options.length === false ? {} : { 'content-length': body.length }),
      ...(from > 0 ? { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` } : {}),
    });
    const end = fault?.kind === 'cut' || fault?.kind === 'stall' ? fault.after : body.length;
    const step = options.drip?.bytes ?? 65_536;
    for (let at = 0; at < end && !response.destroyed; at += step) {
      const piece = body.subarray(at, Math.min(at + step, end));
      await new Promise<void>((sure) => void response.write(piece, () => sure()));
      sent.bytes += piece.length;
      if (options.drip !== undefined) await pause(options.drip.ms);
    }
    if (fault?.kind === 'cut') response.destroy();
    else if (fault?.kind !== 'stall') response.end();
  }

  const server = createServer((request, response) => {
    response.on('error', () => {});
    void reply(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    files,
    faults,
    stays,
    log,
    sent: (path) => log.filter((one) => one.path === path && [200, 206].includes(one.status)),
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => void server.close(() => closed()));
    },
  };
}

/** First byte of `Range: bytes=N-`; 0 where the version asked for is another one (null: any will do). */
function rangeStart(request: IncomingMessage, etag: string | null): number {
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const condition = request.headers['if-range'];
  const changed = etag !== null && condition !== undefined && condition !== etag;
  return from === undefined || changed ? 0 : Number(from);
}

/** The `.CHECKSUM` file of an archive's file: `sha256  name`. */
export const checksumOf = (path: string, bytes: Buffer): [string, Buffer] => {
  const sum = createHash('sha256').update(bytes).digest('hex');
  return [`${path}.CHECKSUM`, Buffer.from(`${sum}  ${path.split('/').at(-1)}\n`)];
};

/** A file and its check sum. */
export const withSum = (path: string, bytes: Buffer): [string, Buffer][] => [
  [path, bytes],
  checksumOf(path, bytes),
];

/** A zip of one CSV text, named as Binance does. */
export async function zipped(path: string, text: string): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  const name = path
    .split('/')
    .at(-1)!
    .replace(/\.zip$/, '.csv');
  zip.addBuffer(Buffer.from(text), name, { mtime: new Date('2021-05-20T00:00:00Z') });
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Bytes that do not compress and are the same on every run (a multiplicative generator). */
export function noise(bytes: number, seed: number): Buffer {
  const out = Buffer.alloc(bytes);
  for (let i = 0, x = seed * 2 + 1; i < bytes; i++) {
    x = Math.imul(x, 0x9e3779b1) + 0x7f4a7c15;
    out[i] = x >>> 24;
  }
  return out;
}

/** A gzip of such bytes. */
export const gzipped = (bytes: number, seed: number): Buffer => gzipSync(noise(bytes, seed), { level: 1 });
