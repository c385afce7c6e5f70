import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parseDuration } from "./duration.js";
import { explain } from "./explain.js";
import type { Problems } from "./problem.js";
import { CONFIG_SCHEMA } from "./schema.js";
import type { Value } from "./yaml.js";

let compiled: ValidateFunction | undefined;

/** Holds a value against the schema, and fills its defaults in. */
export function validate(value: Value, problems: Problems): void {
  compiled ??= compile();
  if (!compiled(value)) explain(compiled.errors ?? [], problems);
}

function compile(): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, useDefaults: true, strict: true, strictRequired: false, allowUnionTypes: true });
  ajv.addKeyword({ keyword: "patternErrorMessage", schemaType: "string" });
  ajv.addKeyword({ keyword: "x-range", type: "string", schemaType: "array", validate: isInRange });
  return ajv.compile(CONFIG_SCHEMA);
}

/** What is no duration breaks the pattern, and is not out of range too. */
function isInRange([least, most]: readonly [string, string], text: string): boolean {
  const micros = parseDuration(text);
  return micros === undefined || (micros >= parseDuration(least)! && micros <= parseDuration(most)!);
}
