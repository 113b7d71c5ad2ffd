/** The MeshError that an action throws; anything else fails the test. */
import { expect } from '@jest/globals';
import { MeshError } from '../../src/lib/errors.ts';

export function thrownBy(action: () => unknown): MeshError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(MeshError);
    return error as MeshError;
  }
  throw new Error('nothing was thrown');
}

/** The same for an action that returns a promise. */
export async function rejectedBy(action: () => Promise<unknown>): Promise<MeshError> {
  try {
    await action();
  } catch (error) {
    expect(error).toBeInstanceOf(MeshError);
    return error as MeshError;
  }
  throw new Error('nothing was thrown');
}
