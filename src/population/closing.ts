/**
 * Whose lot is closed when somebody closes one, before and during the event:
 *
 *   weight = exp(.4 in profit) (age + 1 h)^-.3        age in hours; docs/method.md (Population), assumed
 */
import { HOUR_US, type Micros } from '../basics/instant.ts';
import { exp, pow } from '../basics/maths.ts';

/** Factor on winners: they are closed sooner (disposition effect). */
export const WINNER = exp(0.4);
const AGE_POWER = -0.3;

/** Factor by age: old positions are closed later; 1 at age 0. */
export const ageWeight = (ageUs: Micros): number => pow((ageUs + HOUR_US) / HOUR_US, AGE_POWER);
