// A true identity provider (oidc-provider) with its own pages for signing in, on one port of this machine.
//   node provider.mjs PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI
// It prints one line when it listens, takes any name with any password, and ends with its standard input.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port, clientId, clientSecret, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const newKey = () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
};

const made = () => new Provider(issuer, {
  clients: [{
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [redirectUri],
    response_types: ["code"],
    grant_types: ["authorization_code"],
  }],
  jwks: { keys: [newKey()] },
  cookies: { keys: [randomUUID()] },
  claims: { openid: ["sub"], email: ["email"], profile: ["preferred_username"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  findAccount: (_ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, email: `${sub}@sso.example.id`, preferred_username: sub }),
  }),
});

let provider = made();
const server = createServer((request, response) => {
  if (request.method === "POST" && request.url === "/rotate") {
    // New keys, as after a rotation; sign-ins under way are forgotten.
    provider = made();
    response.writeHead(204).end();
    return;
  }
  provider.callback()(request, response);
});

server.listen(Number(port), "127.0.0.1", () => console.log(`listening ${issuer}`));
process.stdin.resume().on("end", () => process.exit(0));
