/** What a function of the manifest language is. */
import type { CelValue } from './cel-values.ts';

/** What a handler gets and gives: undefined is the absent value. */
export type Argument = CelValue | undefined;

export interface TemplateFunction {
  readonly name: string;
  /** Type of the value in front of the dot; absent for a function. */
  readonly receiver?: 'string' | 'list' | 'map' | 'optional';
  /** Types as CEL names them; `dyn` takes everything. */
  readonly args: readonly string[];
  readonly result: string;
  /** true: gets optionals as they are; else what is inside. */
  readonly seesOptionals?: true;
  /** Gets the receiver first. Throws `FunctionError`. */
  readonly handler: (...args: Argument[]) => Argument;
}

/** Raised by a function for arguments it cannot use; its message is shown to the user. */
export class FunctionError extends Error {
  /** Raised by `fail()`: the message is about the values, not about the template. */
  readonly isFailCall: boolean;

  constructor(message: string, isFailCall = false) {
    super(message);
    this.isFailCall = isFailCall;
  }
}
