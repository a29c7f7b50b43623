/** Something a user should know about the result. A warning never fails a request. */
export interface Warning {
  code: string;
  message: string;
  count?: number;
  slices?: (number | number[])[];
  /** Names of columns. */
  columns?: string[];
  /** The normalizer it is about, as a JSON pointer, where that is part of another one. */
  pointer?: string;
  /** The parameters it is about. */
  parameters?: string[];
  /** The values it is about. */
  values?: number[];
}
