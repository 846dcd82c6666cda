import { isIP } from 'node:net';
import { resolve } from 'node:path';
import {
  type AccessLogSettings,
  type AdmissionSettings,
  type CertificateFiles,
  type CorsSettings,
  defaultHttp,
  type HttpLimits,
  type HttpSettings,
  type TlsSettings,
} from '../../../protocol/http.ts';
import { days, hours, minutes, ms } from '../../../protocol/units.ts';
import type { Place } from './config-place.ts';
import { parseAuth } from './parse-auth.ts';
import { parseCalls } from './parse-calls.ts';
import { parseMounts } from './parse-mounts.ts';
import type { Surroundings } from './parse-service.ts';

/** Beside the port, which has a place of its own in the config. */
export const httpKeys = [
  'tls',
  'http2',
  'trustedProxies',
  'cors',
  'securityHeaders',
  'compression',
  'mounts',
  'limits',
  'admission',
  'auth',
  'accessLog',
  'calls',
  'admin',
] as const satisfies readonly (keyof HttpSettings)[];

export const parseHttp = (place: Place, around: Surroundings): HttpSettings => {
  place.keys(['port', ...httpKeys]);
  const tls = parseTls(place.at('tls'), around);
  const cors = parseCors(place.at('cors'));
  const admin = parseAdmin(place.at('admin'));
  const auth = parseAuth(place.at('auth'), around);
  const calls = parseCalls(place.at('calls'), auth !== undefined);
  const accessLog = parseAccessLog(place.at('accessLog'));
  const compression = place.at('compression');
  compression.keys(['enabled', 'from']);
  return {
    ...(tls === undefined ? {} : { tls }),
    http2: parseHttp2(place.at('http2'), tls),
    trustedProxies: parseProxies(place.at('trustedProxies')),
    ...(cors === undefined ? {} : { cors }),
    securityHeaders: place.at('securityHeaders').flag() ?? defaultHttp.securityHeaders,
    compression: {
      enabled: compression.at('enabled').flag() ?? defaultHttp.compression.enabled,
      from: compression.at('from').size() ?? defaultHttp.compression.from,
    },
    mounts: parseMounts(place.at('mounts'), around),
    limits: parseLimits(place.at('limits')),
    admission: parseAdmission(place.at('admission')),
    ...(auth === undefined ? {} : { auth }),
    ...(accessLog === undefined ? {} : { accessLog }),
    ...(calls === undefined ? {} : { calls }),
    ...(admin === undefined ? {} : { admin }),
  };
};

const certificatesFix = "Write [{ cert: './tls/site.pem', key: './tls/site.key' }].";

const parseTls = (place: Place, around: Surroundings): TlsSettings | undefined => {
  place.keys(['certificates', 'minVersion', 'hsts']);
  if (place.isAbsent) return undefined;
  const certificates = place.at('certificates');
  const items = certificates.items(certificatesFix);
  if (items.length === 0) throw certificates.invalid('is empty', certificatesFix);
  const hsts = place.at('hsts').duration(ms(0), days(3_650));
  return {
    certificates: items.map((item) => parseCertificate(item, around)),
    minVersion: parseVersion(place.at('minVersion')),
    ...(hsts === undefined ? {} : { hsts }),
  };
};

const parseCertificate = (place: Place, around: Surroundings): CertificateFiles => {
  place.object(certificatesFix);
  place.keys(['cert', 'key']);
  const fileAt = (key: 'cert' | 'key'): string => {
    const at = place.at(key);
    const written = at.text(certificatesFix);
    if (written === undefined) throw at.invalid('is missing', certificatesFix);
    const file = resolve(around.directory, written);
    if (around.exists(file)) return file;
    throw at.invalid(`names ${written}, which does not exist`, 'Correct the path.');
  };
  return { cert: fileAt('cert'), key: fileAt('key') };
};

const parseVersion = (place: Place): TlsSettings['minVersion'] => {
  const version = place.value ?? 'TLSv1.2';
  if (version === 'TLSv1.2' || version === 'TLSv1.3') return version;
  throw place.invalid(`is ${JSON.stringify(version)}`, "Write 'TLSv1.2' or 'TLSv1.3'.");
};

/** Browsers speak HTTP/2 over TLS only. */
const parseHttp2 = (place: Place, tls: TlsSettings | undefined): boolean => {
  const http2 = place.flag() ?? defaultHttp.http2;
  if (!http2 || tls !== undefined) return http2;
  throw place.invalid('needs http.tls', 'Add certificates, or leave http2 out.');
};

const proxiesFix = "Write addresses and networks, such as ['127.0.0.1', '10.0.0.0/8'].";

const parseProxies = (place: Place): readonly string[] => {
  const proxies = place.texts(proxiesFix);
  const wrong = proxies.find((each) => !isNetwork(each));
  if (wrong === undefined) return proxies;
  throw place.invalid(`has ${JSON.stringify(wrong)}, which is no address`, proxiesFix);
};

const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...rest] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const isWhole = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  return most > 0 && isWhole && rest.length === 0;
};

/** What a page needs to send JSON, a token and a key; a list in the config takes their place. */
const usualHeaders = ['content-type', 'authorization', 'idempotency-key'];

const originsFix = "Write a list of origins, such as ['https://shop.example'], or ['*'].";

const parseCors = (place: Place): CorsSettings | undefined => {
  place.keys(['origins', 'methods', 'headers', 'expose', 'credentials', 'maxAge']);
  if (place.isAbsent) return undefined;
  const origins = place.at('origins').texts(originsFix);
  const wrong = origins.find((each) => each !== '*' && URL.parse(each)?.origin !== each);
  if (origins.length === 0 || wrong !== undefined) {
    const problem = wrong === undefined ? 'is empty' : `has ${JSON.stringify(wrong)}`;
    throw place.at('origins').invalid(problem, originsFix);
  }
  const credentials = place.at('credentials').flag() ?? false;
  if (credentials && origins.includes('*')) {
    throw place.at('credentials').invalid('cannot be had with every origin', 'Name the origins.');
  }
  const methods = place.at('methods').texts("Write a list of methods, such as ['GET', 'POST'].");
  const list = (key: 'headers' | 'expose'): readonly string[] =>
    place.at(key).texts("Write a list of headers, such as ['x-request-id'].");
  return {
    origins,
    methods: methods.length > 0 ? methods : ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    headers: place.at('headers').isAbsent ? usualHeaders : list('headers'),
    expose: list('expose'),
    credentials,
    maxAge: place.at('maxAge').duration(ms(0), days(365)) ?? minutes(10),
  };
};

const parseLimits = (place: Place): HttpLimits => {
  const { limits } = defaultHttp;
  place.keys(['head', 'url', 'body', 'upload', 'headTime', 'stall', 'connections']);
  const upload = place.at('upload').size();
  return {
    head: place.at('head').size() ?? limits.head,
    url: place.at('url').size() ?? limits.url,
    body: place.at('body').size() ?? limits.body,
    ...(upload === undefined ? {} : { upload }),
    headTime: place.at('headTime').duration(ms(10), hours(1)) ?? limits.headTime,
    stall: place.at('stall').duration(ms(10), hours(1)) ?? limits.stall,
    connections: place.at('connections').whole(1) ?? limits.connections,
  };
};

const parseAdmission = (place: Place): AdmissionSettings => {
  const { admission } = defaultHttp;
  place.keys(['enabled', 'tolerance']);
  return {
    enabled: place.at('enabled').flag() ?? admission.enabled,
    tolerance: place.at('tolerance').number(1, 100) ?? admission.tolerance,
  };
};

const parseAccessLog = (place: Place): AccessLogSettings | undefined => {
  place.keys(['percent', 'failures', 'slowerThan']);
  const percent = place.at('percent').number(0, 100) ?? 0;
  const failures = place.at('failures').flag() ?? false;
  const slowerThan = place.at('slowerThan').duration(ms(0), days(1));
  if (percent === 0 && !failures && slowerThan === undefined) return undefined;
  return { percent, failures, ...(slowerThan === undefined ? {} : { slowerThan }) };
};

const parseAdmin = (place: Place): HttpSettings['admin'] => {
  place.keys(['port', 'host']);
  const port = place.at('port').whole(0, 65_535);
  const host = place.at('host').text("Write an address, such as '127.0.0.1'.");
  if (port !== undefined) return { port, host: host ?? '127.0.0.1' };
  if (host === undefined) return undefined;
  throw place.at('host').invalid('needs a port', 'Add http.admin.port.');
};
