/**
 * The class of scikit-learn that computes what a method computes on a matrix of samples and features, and what is called
 * how there: https://scikit-learn.org/stable/api/sklearn.preprocessing.html
 */
export interface SklearnMapping<Options> {
  class: string;
  /** Where it is to be imported from; by default sklearn.preprocessing. */
  module?: string;
  /** The axis of the matrix that it reduces: 0 for a statistic per feature, 1 for one per sample. */
  axis: 0 | 1;
  /** Its constructor's arguments, and the option that each of them is. */
  params: Readonly<Record<string, Argument>>;
  /** Its constructor's arguments that have one value here; None is not written. */
  fixed?: Readonly<Record<string, unknown>>;
  /** Options here that it stands for, whatever its arguments are. */
  options?: Readonly<Record<string, unknown>>;
  /** Options that say how many values an attribute has, where these are fewer than the features. */
  counts?: Readonly<Record<string, string>>;
  /** Its constructor's arguments that make no difference to what it computes once it is fitted. */
  ignored: readonly string[];
  /** Options here that make no difference once fitted; all others that no argument stands for must have their default. */
  ofFitting?: readonly string[];
  /** What it does with NaN. */
  nanPolicy: 'omit' | 'raise';
  /** What it keeps of a fit, and the parameter that each attribute is; null where it keeps None. */
  attributes(options: Options): Readonly<Record<string, string | Inner | null>>;
  /** What an attribute is of the parameter, where they are not the same once exported. */
  exported?: Readonly<Record<string, (values: Float64Array, options: Options) => Float64Array>>;
  /** Whether it keeps `n_samples_seen_`. */
  countsSamples?: boolean;
  /** Attributes that say how long a parameter is. */
  lengths?: Readonly<Record<string, string>>;
  /** What of its attributes contradicts the others, so that it would compute something else than is computed here. */
  contradiction?(options: Options, parameters: Readonly<Record<string, Float64Array>>): Contradiction | undefined;
}

export interface Argument {
  option: string;
  /** The option's values by the argument's, where they are not the same. */
  values?: Readonly<Record<string, unknown>>;
  /** Whether it is true or false there, where the option knows more. */
  isBoolean?: true;
  /** Whether the values are functions of NumPy. */
  isFunction?: true;
  /** Whether it must be given: its default is nothing that is known here. */
  required?: true;
  /** Whether None, too, is read, and leaves the option to other arguments. */
  optional?: true;
  /** Whether only newer versions have it: it is left out where it is the default. */
  recent?: true;
}

/** An estimator within the estimator. */
interface Inner {
  class: string;
  attributes: Readonly<Record<string, string>>;
}

interface Contradiction {
  attribute: string;
  /** Of the feature. */
  index: number;
  detail: string;
}
