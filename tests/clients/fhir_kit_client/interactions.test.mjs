// fhir-kit-client against a running server: https://github.com/Vermonster/fhir-kit-client
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { Client } from "fhir-kit-client";

const SYSTEM = "urn:psolink:clients";
const baseUrl = process.env.FHIR_BASE;
const client = new Client({ baseUrl, bearerToken: process.env.FHIR_TOKEN });

const named = (value, content = {}) => ({
  resourceType: "Patient",
  identifier: [{ system: SYSTEM, value }],
  ...content,
});
const create = (body, headers = {}) =>
  client.create({ resourceType: body.resourceType, body, options: { headers } });
const statusOf = (answer) => Client.httpFor(answer).response.status;
const observationOf = (reference) => ({
  resourceType: "Observation",
  status: "final",
  code: { text: "pulse" },
  subject: { reference },
});
const found = (bundle) =>
  (bundle.entry ?? []).map((each) => `${each.search.mode} ${each.resource.resourceType}`);

async function refused(promise, status, code) {
  const error = await promise.then(() => assert.fail("it was taken"), (reason) => reason);
  assert.equal(error.response?.status, status, error.message);
  assert.equal(error.response.data.resourceType, "OperationOutcome");
  assert.equal(error.response.data.issue[0].code, code);
  return error.response.data.issue[0];
}

test("the capabilities are R4, and say where tokens are given", async () => {
  assert.equal((await client.capabilityStatement()).fhirVersion, "4.0.1");
  const { tokenUrl } = await client.smartAuthMetadata();
  assert.match(String(tokenUrl), /\/oauth\/token$/);
});

test("a resource lives from create to delete", async () => {
  const created = await create({ resourceType: "Patient", active: true });
  const { id } = created;
  assert.equal(statusOf(created), 201);
  assert.deepEqual(await client.read({ resourceType: "Patient", id }), created);
  await client.update({ resourceType: "Patient", id, body: { ...created, active: false } });
  const first = await client.vread({ resourceType: "Patient", id, version: "1" });
  assert.equal(first.active, true);
  const jsonPatch = [{ op: "replace", path: "/active", value: true }];
  const patched = await client.patch({ resourceType: "Patient", id, jsonPatch });
  assert.deepEqual([patched.meta.versionId, patched.active], ["3", true]);
  assert.equal((await client.history({ resourceType: "Patient", id })).total, 3);
  await client.delete({ resourceType: "Patient", id });
  await refused(client.read({ resourceType: "Patient", id }), 410, "deleted");
});

test("a conditional create stores once", async () => {
  const value = randomUUID();
  const condition = { "If-None-Exist": `identifier=${SYSTEM}|${value}` };
  const first = await create(named(value), condition);
  const second = await create(named(value), condition);
  assert.deepEqual([statusOf(first), statusOf(second)], [201, 200]);
  assert.equal(second.id, first.id);
});

test("a conditional update creates and then updates", async () => {
  const value = randomUUID();
  const searchParams = { identifier: `${SYSTEM}|${value}` };
  const update = (active) =>
    client.update({ resourceType: "Patient", searchParams, body: named(value, { active }) });
  const [first, second] = [await update(true), await update(false)];
  assert.deepEqual([statusOf(first), statusOf(second)], [201, 200]);
  assert.deepEqual([second.id, second.meta.versionId], [first.id, "2"]);
});

test("an update of the version that was read is taken, and a stale one is refused", async () => {
  const body = await create({ resourceType: "Patient", active: true });
  const headers = { "If-Match": Client.httpFor(body).response.headers.get("ETag") };
  const update = () =>
    client.update({ resourceType: "Patient", id: body.id, body, options: { headers } });
  assert.equal((await update()).meta.versionId, "2");
  await refused(update(), 412, "conflict");
});

test("a search walks all pages in order, by GET and by POST", async () => {
  const value = randomUUID();
  const births = ["1950-01-01", "1940-01-01", "1970-01-01", "1960-01-01", "1930-01-01"];
  for (const birthDate of births) await create(named(value, { birthDate }));
  const searchParams = { identifier: value, _sort: "birthdate", _count: 2 };
  for (const postSearch of [false, true]) {
    const walked = [];
    let bundle = await client.search({
      resourceType: "Patient", searchParams, options: { postSearch },
    });
    while (bundle) {
      walked.push(...bundle.entry.map((each) => each.resource.birthDate));
      bundle = await client.nextPage({ bundle });
    }
    assert.deepEqual(walked, [...births].sort());
  }
});

test("a search includes what is referred to and what refers", async () => {
  const { id } = await create({ resourceType: "Patient" });
  const seen = await create(observationOf(`Patient/${id}`));
  const forward = await client.search({
    resourceType: "Observation",
    searchParams: { _id: seen.id, _include: "Observation:subject" },
  });
  assert.deepEqual(found(forward), ["match Observation", "include Patient"]);
  const reverse = await client.search({
    resourceType: "Patient",
    searchParams: { _id: id, _revinclude: "Observation:subject" },
  });
  assert.deepEqual(found(reverse), ["match Patient", "include Observation"]);
});

test("a compartment, several types and everything of a patient are found", async () => {
  const { id } = await create({ resourceType: "Patient" });
  const seen = await create(observationOf(`Patient/${id}`));
  const compartment = { resourceType: "Patient", id };
  const inside = await client.search({ resourceType: "Observation", compartment });
  assert.deepEqual(inside.entry.map((each) => each.resource.id), [seen.id]);
  const several = await client.search({
    searchParams: { _type: "Patient,Observation", _id: `${id},${seen.id}` },
  });
  assert.equal(several.total, 2);
  const everything = await client.operation({
    name: "everything", resourceType: "Patient", id, method: "GET",
  });
  assert.equal(everything.entry.length, 2);
});

test("a transaction stores what refers to each other, and a reference is resolved", async () => {
  const fullUrl = `urn:uuid:${randomUUID()}`;
  const entry = [
    { fullUrl, resource: { resourceType: "Patient" }, request: { method: "POST", url: "Patient" } },
    { resource: observationOf(fullUrl), request: { method: "POST", url: "Observation" } },
  ];
  const body = { resourceType: "Bundle", type: "transaction", entry };
  const answer = await client.transaction({ body });
  const [patient, seen] = answer.entry.map((each) => each.response.location);
  const stored = await client.resolve({ reference: seen.split("/_history")[0] });
  const context = stored;
  const subject = await client.resolve({ reference: stored.subject.reference, context });
  assert.ok(patient.includes(`Patient/${subject.id}`));
});

test("a transaction with a fault stores nothing and says where", async () => {
  const value = randomUUID();
  const entry = [named(value), named(value, { gender: "odd" })].map((resource) => ({
    resource, request: { method: "POST", url: "Patient" },
  }));
  const body = { resourceType: "Bundle", type: "transaction", entry };
  const issue = await refused(client.transaction({ body }), 400, "code-invalid");
  assert.deepEqual(issue.expression, ["Bundle.entry[1].resource.gender"]);
  const searchParams = { identifier: value };
  assert.equal((await client.search({ resourceType: "Patient", searchParams })).total, 0);
});

test("an error carries the outcome of the server", async () => {
  const issue = await refused(create({ resourceType: "Patient", gender: "odd" }), 400, "code-invalid");
  assert.deepEqual(issue.expression, ["Patient.gender"]);
  await refused(client.read({ resourceType: "Patient", id: "unknown" }), 404, "not-found");
  const stranger = new Client({ baseUrl, bearerToken: "nobody" });
  await refused(stranger.read({ resourceType: "Patient", id: "unknown" }), 401, "login");
});
