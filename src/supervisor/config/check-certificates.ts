import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { configInvalid } from '../../protocol/config-errors.ts';
import type { CertificateFiles } from '../../protocol/http.ts';
import type { AppConfig } from './app-config.ts';

/** The ingress would fail on them again and again, long after the command that started the app. */
export const checkCertificates = ({ file, http: { tls } }: AppConfig): void => {
  for (const [index, files] of (tls?.certificates ?? []).entries()) {
    const problem = problemOf(files);
    if (problem === undefined) continue;
    throw configInvalid({
      file,
      key: `http.tls.certificates.${index}`,
      problem: `cannot be used: ${problem}`,
      fix: 'Name a certificate with its chain, and the key that belongs to it, both in PEM.',
    });
  }
};

const problemOf = ({ cert, key }: CertificateFiles): string | undefined => {
  try {
    createSecureContext({ cert: readFileSync(cert), key: readFileSync(key) });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
