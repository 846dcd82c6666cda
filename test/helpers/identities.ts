import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../../src/sdk/rpc/mutual-tls.ts';
import { temporaryFolder } from './rpc.ts';

/** An authority of a test's own, and what it has signed. */
export const makeIdentities = (...names: readonly string[]): readonly Identity[] => {
  using folder = temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', args, { cwd: folder.path, stdio: 'pipe' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...curve, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca');
  return names.map((name) => {
    writeFileSync(at('san'), `subjectAltName=DNS:${name}`);
    openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/CN=it');
    const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'san'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-out', `${name}.crt`);
    const text = (file: string): string => readFileSync(at(file), 'utf8');
    return { key: text(`${name}.key`), cert: text(`${name}.crt`), ca: text('ca.crt') };
  });
};
