/** The version of package.json, which the bundle does not carry; a test holds them equal. */
export const version = "0.1.0";
