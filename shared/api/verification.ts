import { localReference } from './common.ts';
import { array, object, oneOf, optional, required, string } from './schema.ts';

/** The fields of `spec.verify` that all sources share: how a signature is checked. */
export const verificationFields = {
  provider: required('The tool that made the signature.', oneOf(['cosign', 'notation'], { default: 'cosign' })),
  secretRef: optional('Secret with the public keys or certificates to trust.', localReference),
  matchOIDCIdentity: optional(
    'For keyless cosign signatures: who may have signed. One match is enough.',
    array(
      object({
        issuer: required('Regular expression for the issuer of the identity.', string()),
        subject: required('Regular expression for the identity itself.', string()),
      }),
    ),
  ),
};
