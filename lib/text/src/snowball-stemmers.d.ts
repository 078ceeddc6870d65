declare module "snowball-stemmers" {
  /** A stemmer of one of the Snowball algorithms, such as `english`. Throws for an unknown one. */
  export function newStemmer(algorithm: string): { stem(word: string): string };
}
