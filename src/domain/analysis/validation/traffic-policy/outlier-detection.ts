/** `outlierDetection` of a traffic policy (facts 6.4). */
import { checkDuration } from '../blocks/duration.ts';
import { checkPercent } from '../blocks/number.ts';
import { child, error, isTrue, numberAt, warn } from '../field.ts';
import type { Field } from '../field.ts';

export function checkOutlierDetection(outlier: Field): void {
  checkDuration(child(outlier, 'baseEjectionTime'));
  checkDuration(child(outlier, 'interval'));
  if (numberAt(outlier, 'consecutiveErrors') !== 0)
    warn(
      child(outlier, 'consecutiveErrors'),
      'is no longer used; use consecutive5xxErrors or consecutiveGatewayErrors',
    );
  if (
    numberAt(outlier, 'consecutiveLocalOriginFailures') > 0 &&
    !isTrue(outlier, 'splitExternalLocalOriginErrors')
  )
    error(
      child(outlier, 'consecutiveLocalOriginFailures'),
      'only counts with splitExternalLocalOriginErrors: true',
    );
  checkPercent(child(outlier, 'maxEjectionPercent'));
  checkPercent(child(outlier, 'minHealthPercent'));
}
