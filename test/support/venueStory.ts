/** A story by a venue's real book: the tape's price is index and mark, money and contracts are held to account at its end. */
import { money } from '../../src/basics/exact.ts';
import { type Tiny, play } from './tinyWorld.ts';
import { conserved, venueBook } from './venueBook.ts';

/** Plays accounts on a tape under the book `id`; `fund` is the opening of the market's fund. */
export async function venueStory(
  id: string,
  market: string,
  told: { readonly fund: string } & Pick<Tiny, 'accounts' | 'beats'>,
): ReturnType<typeof play> {
  const { markets, rules, own } = venueBook(id, market);
  const end = await play({
    markets,
    rules,
    marketRules: { [market]: own },
    assumptions: { fundOpening: { [rules.funds![0]!.name]: money(told.fund) } },
    accounts: told.accounts,
    beats: told.beats,
  });
  conserved(end.world);
  return end;
}
