// What the bundle starts with: bin/ringfence without the check for an old Node, which the image cannot have.
import { main } from "../src/main.ts";

process.exitCode = await main(process.argv.slice(2));
