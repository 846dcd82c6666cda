import type { StandardSchemaV1 } from '@standard-schema/spec';
import { inputInvalid, outputInvalid } from '../../protocol/call-errors.ts';
import type { MethodSchemas } from '../method-options.ts';
import { targetOf } from '../rpc/calls.ts';
import type { Around, InterceptedCall } from './interceptor.ts';

/** Is told of an answer that is not given out, and why in words that hold nothing of it. */
type RefusedOutput = (call: InterceptedCall, error: unknown, reason: string) => void;

/** Next to the method: it gets what its schemas made of the arguments, and its answer is checked. */
export const validation =
  ({ input, output }: MethodSchemas, refused: RefusedOutput): Around =>
  async (call, next) => {
    const target = targetOf(call);
    const checked = await Promise.all(
      input.map((schema, index) => {
        const name = argumentName(call, index);
        return checkedInput(schema, { target, name, value: call.args[index] });
      }),
    );
    const args = [...checked, ...call.args.slice(checked.length)];
    const value = await next({ ...call, args });
    if (output === undefined) return value;
    const answer = await output['~standard'].validate(value);
    if (answer.issues === undefined) return answer.value;
    const error = outputInvalid(target, described(answer.issues));
    refused(call, error, `It does not fit its contract ${placesOf(answer.issues)}`);
    throw error;
  };

/** The issues may quote the answer; the places where they are do not. */
const placesOf = (issues: readonly StandardSchemaV1.Issue[]): string => {
  const places = issues.slice(0, mostIssues).map((issue) => placeOf(issue));
  return places.every((place) => place === '') ? 'as a whole' : `at ${places.join(', ')}`;
};

const checkedInput = async (
  schema: StandardSchemaV1 | undefined,
  given: { readonly target: string; readonly name: string; readonly value: unknown },
): Promise<unknown> => {
  if (schema === undefined) return given.value;
  const result = await schema['~standard'].validate(given.value);
  if (result.issues === undefined) return result.value;
  throw inputInvalid(given.target, described(result.issues, [given.name]));
};

/** As the author of a handler calls them. */
const argumentName = ({ kind }: InterceptedCall, index: number): string =>
  (kind === 'route' ? ['body', 'params', 'query'][index] : undefined) ?? `argument ${index + 1}`;

const mostIssues = 5;

const described = (
  issues: readonly StandardSchemaV1.Issue[],
  above: readonly string[] = [],
): string =>
  issues
    .slice(0, mostIssues)
    .map((issue) => {
      const place = placeOf(issue, above);
      return place === '' ? issue.message : `${place}: ${issue.message}`;
    })
    .join('; ');

const placeOf = ({ path = [] }: StandardSchemaV1.Issue, above: readonly string[] = []): string => {
  const keys = path.map((key) => String(typeof key === 'object' ? key.key : key));
  return [...above, ...keys].join('.');
};
