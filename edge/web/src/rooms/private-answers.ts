/** The answers that came to oneself alone, by their question: a room's history does not hold them. */
export type PrivateAnswers = ReadonlyMap<string, string>;

/** More would fill the browser's store with what nobody looks at any more. */
const kept = 300;

/** What this person was answered privately in this browser. */
export function readPrivateAnswers(stored: string | null, userId: string): PrivateAnswers {
  try {
    const known = JSON.parse(stored ?? "null") as { userId: string; answers: [string, string][] } | null;
    return new Map(known?.userId === userId ? known.answers : []);
  } catch {
    return new Map();
  }
}

export function writePrivateAnswers(answers: PrivateAnswers, userId: string): string {
  return JSON.stringify({ userId, answers: [...answers] });
}

/** With one more; the same if it is known. */
export function notePrivateAnswer(answers: PrivateAnswers, questionId: string, answerId: string): PrivateAnswers {
  if (answers.get(questionId) === answerId) return answers;
  return new Map([...answers, [questionId, answerId] as const].slice(-kept));
}
