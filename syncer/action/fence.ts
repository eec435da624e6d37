/** What an action asks before each write: may this replica still write to this release? */
export interface Fence {
  valid(): boolean;
}

/** The lock on the release was lost while an action ran. Nothing more is written; its next owner goes on from storage. */
export class OwnershipLostError extends Error {
  override readonly name = 'OwnershipLostError';
}

/** @throws OwnershipLostError when the fence no longer holds */
export function assertFence(fence: Fence, what: string): void {
  if (!fence.valid()) {
    throw new OwnershipLostError(`stopped before ${what}: this replica's lock on the release has run out`);
  }
}
