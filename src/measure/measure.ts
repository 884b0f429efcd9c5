export const measure = async (_c: unknown, _f: unknown): Promise<never[]> => [];
