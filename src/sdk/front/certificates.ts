import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { CertificateFiles, TlsSettings } from '../../protocol/http.ts';

const constants = process.getBuiltinModule('node:crypto').constants;

type Loaded = {
  readonly files: CertificateFiles;
  readonly mark: string;
  readonly certificate: X509Certificate;
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
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

  /** Files that are half written, or do not belong together, change nothing. */
  #renew(index: number): boolean {
    const before = this.#loaded[index];
    if (before === undefined) return false;
    try {
      if (markOf(before.files) === before.mark) return false;
      this.#loaded[index] = this.#load(before.files);
      return true;
    } catch (error) {
      const mark = safeMarkOf(before.files);
      if (mark !== undefined) {
        this.#loaded[index] = { ...before, mark };
        process.stderr.write(`${before.files.cert} is not taken up: ${error}\n`);
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
    if (Date.parse(certificate.validTo) < Date.now()) {
      process.stderr.write(`${files.cert} has expired: ${certificate.validTo}\n`);
    }
    return { files, mark, certificate, options, context };
  }
}

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
