import * as z from 'zod';
import type { Body } from '#formats/reader.ts';
import { validate } from '#formats/validate.ts';

const maxTags = 64;

export const description = z.string().max(4096).meta({ description: 'What this version is, for people.' });

export const tags = z
  .record(z.string().min(1).max(128), z.string().max(1024))
  .refine((given) => Object.keys(given).length <= maxTags, `A version has at most ${maxTags} tags.`)
  .meta({ description: 'Names with a text each, such as {"team": "risk"}.', examples: [{ team: 'risk' }] });

/** Members of a request that stores a version, beside what it stores. */
export const storingMembers = {
  description: description.optional(),
  tags: tags.optional(),
  breaking: z.boolean().optional().meta({
    description: 'Whether the version may take other data than the one before: another method, columns or shape.',
  }),
  profile: z.boolean().optional().meta({
    description: 'Whether the document keeps what the data were like, for drift. Default true where it is stored.',
  }),
  dry_run: z.boolean().optional().meta({ description: 'Whether to answer what would be stored, and store nothing.' }),
};

const Storing = z.strictObject(storingMembers);

export type Storing = z.output<typeof Storing>;

/**
 * Splits off the members that say how a version is stored.
 * @param others further members to be split off with them
 */
export function splitStoring<Others extends z.ZodRawShape, Read extends Body>(
  body: Read,
  others: Others,
): { storing: Storing & z.output<z.ZodObject<Others>>; body: Read } {
  const members = Storing.extend(others);
  const entries = Object.entries(body.envelope);
  const isOurs = ([name]: [string, unknown]) => Object.hasOwn(members.shape, name);
  const storing = validate(members, Object.fromEntries(entries.filter(isOurs)));
  const envelope = Object.fromEntries(entries.filter((entry) => !isOurs(entry)));
  return { storing: storing as Storing & z.output<z.ZodObject<Others>>, body: { ...body, envelope } };
}
