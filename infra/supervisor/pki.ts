import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const VALID_FOR_MS = 365 * 24 * 3600 * 1000;
/** Certificates are valid from before their making, so that a small step of the wall clock does no harm. */
const BACKDATED_BY_MS = 3600 * 1000;

/** A certificate with its private key, both as PEM text. */
export interface CertifiedKey {
  readonly certPem: string;
  readonly keyPem: string;
}

interface CertificateRequest {
  readonly commonName: string;
  /** Kubernetes reads groups from here. */
  readonly organization?: string;
  readonly use: 'client' | 'server' | 'both';
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
}

function exportKey(key: webcrypto.CryptoKey, type: 'pkcs8' | 'spki'): string {
  return KeyObject.from(key).export({ type, format: 'pem' }).toString();
}

async function newKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - BACKDATED_BY_MS), notAfter: new Date(Date.now() + VALID_FOR_MS) };
}

function quoted(value: string): string {
  return value.replace(/([,+"\\<>;=])/g, '\\$1');
}

/** A certificate authority that lives in this process and signs for one cluster. */
export class CertificateAuthority {
  readonly certPem: string;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #name: string;

  private constructor(name: string, keys: webcrypto.CryptoKeyPair, certPem: string) {
    this.#name = name;
    this.#keys = keys;
    this.certPem = certPem;
  }

  static async create(commonName: string): Promise<CertificateAuthority> {
    const keys = await newKeyPair();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: randomBytes(8).toString('hex'),
      name: `CN=${quoted(commonName)}`,
      ...validity(),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority(`CN=${quoted(commonName)}`, keys, `${certificate.toString('pem')}\n`);
  }

  async issue(request: CertificateRequest): Promise<CertifiedKey> {
    const keys = await newKeyPair();
    const usages = [
      ...(request.use === 'server' ? [] : [x509.ExtendedKeyUsage.clientAuth]),
      ...(request.use === 'client' ? [] : [x509.ExtendedKeyUsage.serverAuth]),
    ];
    const names: x509.JsonGeneralNames = [
      ...(request.dnsNames ?? []).map((value) => ({ type: 'dns', value }) as const),
      ...(request.addresses ?? []).map((value) => ({ type: 'ip', value }) as const),
    ];
    const organization = request.organization === undefined ? '' : `,O=${quoted(request.organization)}`;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: randomBytes(8).toString('hex'),
      subject: `CN=${quoted(request.commonName)}${organization}`,
      issuer: this.#name,
      ...validity(),
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
          true,
        ),
        new x509.ExtendedKeyUsageExtension(usages),
        await x509.AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    return { certPem: `${certificate.toString('pem')}\n`, keyPem: exportKey(keys.privateKey, 'pkcs8') };
  }
}

/** The key pair that signs service account tokens. */
export async function newServiceAccountKey(): Promise<{ privatePem: string; publicPem: string }> {
  const keys = await newKeyPair();
  return {
    privatePem: exportKey(keys.privateKey, 'pkcs8'),
    publicPem: exportKey(keys.publicKey, 'spki'),
  };
}
