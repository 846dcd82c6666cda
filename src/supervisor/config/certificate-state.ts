import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { whyInvalid } from '../../protocol/certificate-validity.ts';
import type { CertificateFiles } from '../../protocol/http.ts';
import type { Severity } from '../../protocol/severity.ts';
import { days } from '../../protocol/units.ts';

const soon = days(14);

export type CertificateState = {
  readonly severity: Severity;
  /** What there is to say of it. */
  readonly text: string;
  /** Of one that clients believe. */
  readonly validTo?: string;
};

/** How a certificate lies on the disk. */
export const certificateState = (files: CertificateFiles, at: number): CertificateState => {
  const { cert } = files;
  const problem = whyUnusable(files);
  if (problem !== undefined) {
    return { severity: 'critical', text: `${cert} cannot be used: ${problem}` };
  }
  const certificate = new X509Certificate(readFileSync(cert));
  const invalid = whyInvalid(certificate, at);
  if (invalid !== undefined) return { severity: 'critical', text: `${cert} ${invalid}` };
  const { validTo } = certificate;
  return Date.parse(validTo) - at < soon
    ? { severity: 'warning', text: `${cert} expires soon: ${validTo}`, validTo }
    : { severity: 'ok', text: `${cert} is valid until ${validTo}`, validTo };
};

/** Why nothing can be served with them. */
export const whyUnusable = ({ cert, key }: CertificateFiles): string | undefined => {
  try {
    createSecureContext({ cert: readFileSync(cert), key: readFileSync(key) });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
