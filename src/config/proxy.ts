import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import * as z from 'zod';

/** Addresses by names, as other servers have them. */
const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

const forms = `is a list of addresses or networks, such as 10.0.0.1, 172.16.0.0/12 or ${Object.keys(named).join(', ')}`;

/** Where a proxy in front of the service is, and where it has it. */
export const proxySettings = {
  NORMA_BASE_PATH: z
    .string()
    .regex(/^(\/|(\/[\w.~-]+)+\/?)$/, 'is a path, such as /norma')
    .default('')
    .transform((path) => path.replace(/\/$/, ''))
    .describe(
      'The path that a proxy serves this under, such as /norma, whether it strips it or not: links and pages carry it.',
    ),
  NORMA_TRUST_PROXY: z
    .string()
    .default('')
    .transform((text, context) => {
      const trusted = readNetworks(text);
      if (!trusted) context.addIssue({ code: 'custom', message: forms });
      return trusted ?? z.NEVER;
    })
    .describe(
      'Proxies whose X-Forwarded-For, -Proto, -Host and -Prefix are believed, by address or network, or loopback, linklocal, uniquelocal. Rate limits, logs and links then see what the client does.',
    ),
} as const;

export interface ProxyConfig {
  /** Begins with a slash and ends with none; empty where there is none. */
  basePath: string;
  isTrustedProxy?: (address: string) => boolean;
}

export function toProxyConfig(read: z.output<z.ZodObject<typeof proxySettings>>): ProxyConfig {
  return { basePath: read.NORMA_BASE_PATH, isTrustedProxy: read.NORMA_TRUST_PROXY.contains };
}

/** Every address, of IPv6 as well where the machine has it. */
export function anyAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all);
  return addresses.some(({ family }) => family === 'IPv6') ? '::' : '0.0.0.0';
}

/** An IPv4 address without the form that a socket of IPv6 has it in. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function readNetworks(text: string): { contains?: (address: string) => boolean } | undefined {
  const networks = text.split(/[\s,]+/).filter(Boolean);
  if (networks.length === 0) return {};
  const list = new BlockList();
  for (const network of networks.flatMap((name) => (Object.hasOwn(named, name) ? named[name] : [name]))) {
    const [address, bits, ...rest] = network.split('/');
    const version = isIP(address);
    const most = version === 6 ? 128 : 32;
    const length = bits === undefined ? most : Number(bits);
    const isLength = bits === undefined || (/^\d{1,3}$/.test(bits) && length <= most);
    if (version === 0 || !isLength || rest.length > 0) return undefined;
    list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4');
  }
  return {
    contains(given) {
      const address = plainAddress(given);
      const version = isIP(address);
      return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
    },
  };
}
