/**
 * Conjunctions and prepositions of the languages with spaces that Pulse hears most: rather than behind one of them, a
 * text is broken before it.
 */
const OPENING = new Set(
  [
    'and or but because that which who when where while if than so as of in on at for with from by to into about after before until without',
    'und oder aber weil dass wenn ob denn sondern mit von zu zum zur für auf aus bei nach vor über unter durch ohne gegen im am',
    'et ou mais car donc parce que qui quand si de du des à au aux dans sur sous avec pour par sans chez vers',
    'y o pero porque cuando donde con para por sin sobre desde hasta entre del al en',
    'e ma perché che quando se di da con su per tra fra nel nella sul sulla alla',
    'mas porque como com em no na sem até',
    'en of maar omdat dat als met van voor naar bij uit door zonder',
  ].flatMap((words) => words.split(' ')),
);

/** Whether a word begins a new part of its sentence. */
export function opensPhrase(word: string): boolean {
  return OPENING.has(word.toLowerCase());
}
