import type { TimelineEvent } from '../../protocol/control/messages.ts';
import type { CertificateFiles } from '../../protocol/http.ts';
import { seconds } from '../../protocol/units.ts';
import type { CertificateState } from '../config/certificate-state.ts';
import { ownEvent } from '../watch/timeline.ts';

const lookEvery = seconds(10);

export type CertificatesWatchParts = {
  readonly certificates: () => readonly CertificateFiles[];
  readonly onEvent: (event: TimelineEvent) => void;
};

type Seen = { readonly said: string; readonly validTo?: string };

/** Says once that a certificate is about to expire, has, or cannot take the place of the one before; and that all is well again. */
export class CertificatesWatch implements Disposable {
  readonly #parts: CertificatesWatchParts;
  readonly #seen = new Map<string, Seen>();
  readonly #timer = setInterval(() => void this.look(Date.now()), lookEvery).unref();

  constructor(parts: CertificatesWatchParts) {
    this.#parts = parts;
  }

  async look(at: number): Promise<void> {
    const certificates = this.#parts.certificates();
    if (certificates.length === 0) return;
    const { certificateState } = await import('../config/certificate-state.ts');
    for (const files of certificates) this.#judge(files.cert, certificateState(files, at), at);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #judge(cert: string, { severity, text, validTo: own }: CertificateState, at: number): void {
    const before = this.#seen.get(cert);
    const validTo = own ?? before?.validTo;
    const isServed = own === undefined && validTo !== undefined && at < Date.parse(validTo);
    const said = isServed ? `${text}; the one before it stays, until ${validTo}` : text;
    this.#seen.set(cert, { said: severity === 'ok' ? '' : said, ...(validTo && { validTo }) });
    if (severity === 'ok' ? (before?.said ?? '') === '' : before?.said === said) return;
    this.#parts.onEvent(ownEvent(said, isServed ? 'warning' : severity));
  }
}
