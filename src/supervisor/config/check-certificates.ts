import { configInvalid } from '../../protocol/config-errors.ts';
import type { AppConfig } from './app-config.ts';
import { whyUnusable } from './certificate-state.ts';

/** The ingress would fail on them again and again, long after the command that started the app. */
export const checkCertificates = ({ file, http: { tls } }: AppConfig): void => {
  for (const [index, files] of (tls?.certificates ?? []).entries()) {
    const problem = whyUnusable(files);
    if (problem === undefined) continue;
    throw configInvalid({
      file,
      key: `http.tls.certificates.${index}`,
      problem: `cannot be used: ${problem}`,
      fix: 'Name a certificate with its chain, and the key that belongs to it, both in PEM.',
    });
  }
};
