import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { whyInvalid } from '../../protocol/certificate-validity.ts';
import type { CertificateFiles, TlsSettings } from '../../protocol/http.ts';

const constants = process.getBuiltinModule('node:crypto').constants;

type Loaded = {
  readonly files: CertificateFiles;
  readonly mark: string;
  readonly certificate: X509Certificate;
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
  /** What lies in its files now, and must not take its place yet. */
  readonly refused?: Loaded;
};

const lookEveryMs = 1_000;

/** The certificates of the hosts; each is read again when its files change. */
export class Certificates {
  readonly #settings: TlsSettings;
  readonly #loaded: Loaded[];
  #looking: NodeJS.Timeout | undefined;

  constructor(settings: TlsSettings) {
    this.#settings = settings;
    this.#loaded = settings.certificates.map((files) => this.#load(files));
    for (const { files, certificate } of this.#loaded) {
      const problem = whyInvalid(certificate, Date.now());
      if (problem !== undefined) process.stderr.write(`${files.cert} ${problem}\n`);
    }
  }

  /** For clients that name no host. */
  get first(): SecureContextOptions {
    return this.#loaded[0]?.options ?? {};
  }

  /** The certificate that is made out for this host; the one with the name itself wins. */
  find(host: string): SecureContext | undefined {
    const fitting = this.#loaded.filter(({ certificate }) => certificate.checkHost(host));
    const exact = fitting.find(
      ({ certificate }) => certificate.checkHost(host, { wildcards: false }) !== undefined,
    );
    return (exact ?? fitting[0])?.context;
  }

  /** Calls back after new files took the place of old ones. */
  watch(onChange: () => void): void {
    this.#looking = setInterval(() => {
      if (this.#loaded.map((_, index) => this.#renew(index)).includes(true)) onChange();
    }, lookEveryMs).unref();
  }

  close(): void {
    clearInterval(this.#looking);
  }

  /** Files that are half written, do not belong together or are not valid now, change nothing. */
  #renew(index: number): boolean {
    const before = this.#loaded[index];
    if (before === undefined) return false;
    try {
      const isRead = markOf(before.files) === before.mark;
      const next = isRead ? before.refused : this.#load(before.files);
      if (next === undefined) return false;
      const problem = whyInvalid(next.certificate, Date.now());
      const isBetter = problem === undefined || !isValid(before);
      this.#loaded[index] = isBetter ? next : { ...before, mark: next.mark, refused: next };
      if (!isBetter && !isRead) sayRefused(before, `it ${problem}`);
      return isBetter;
    } catch (error) {
      const mark = safeMarkOf(before.files);
      if (mark !== undefined) {
        const { refused: _gone, ...kept } = before;
        this.#loaded[index] = { ...kept, mark };
        sayRefused(before, error);
      }
      return false;
    }
  }

  #load(files: CertificateFiles): Loaded {
    const mark = markOf(files);
    const cert = readFileSync(files.cert);
    const certificate = new X509Certificate(cert);
    const options = {
      cert,
      key: readFileSync(files.key),
      minVersion: this.#settings.minVersion,
      honorCipherOrder: true,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    };
    // Throws when the key is that of another certificate.
    const context = createSecureContext(options);
    return { files, mark, certificate, options, context };
  }
}

const isValid = ({ certificate }: Loaded): boolean =>
  whyInvalid(certificate, Date.now()) === undefined;

const sayRefused = ({ files }: Loaded, why: unknown): void =>
  void process.stderr.write(`${files.cert} is not taken up: ${why}\n`);

/** Follows links: tools that renew certificates change what a link names. */
const markOf = ({ cert, key }: CertificateFiles): string =>
  [cert, key]
    .map((file) => statSync(file))
    .map(({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`)
    .join(' ');

const safeMarkOf = (files: CertificateFiles): string | undefined => {
  try {
    return markOf(files);
  } catch {
    // One of them is away for a moment: it is looked for again.
    return undefined;
  }
};
