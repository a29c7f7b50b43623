/** Tells the pages, which are an app of their own, what stands before their paths. */
export const prefixHeader = 'x-norma-prefix';
