// The real @actions/artifact against the service: upload, list, download, delete.
import assert from 'node:assert'
import fs from 'node:fs'
import path from 'node:path'
import {DefaultArtifactClient} from '@actions/artifact'

const client = new DefaultArtifactClient()
const root = process.env.GITHUB_WORKSPACE
const src = path.join(root, 'src')
fs.mkdirSync(path.join(src, 'deep'), {recursive: true})
fs.writeFileSync(path.join(src, 'a.txt'), 'hello\n')
const big = Buffer.alloc(20 << 20) // more than one block, and not compressible
for (let i = 0, x = 1; i < big.length; i += 4) {
  x = (Math.imul(x, 1664525) + 1013904223) >>> 0
  big.writeUInt32LE(x, i)
}
fs.writeFileSync(path.join(src, 'deep', 'big.bin'), big)

const files = ['a.txt', 'deep/big.bin'].map(f => path.join(src, f))
const up = await client.uploadArtifact('my artifact', files, src, {compressionLevel: 1, retentionDays: 1})
assert.equal(up.id, 1)
assert.ok(up.size > big.length)
await client.uploadArtifact('second', [files[0]], src)
await assert.rejects(client.uploadArtifact('second', [files[0]], src), /already exists/)

const list = (await client.listArtifacts()).artifacts
assert.deepEqual(list.map(a => [a.id, a.name]), [[1, 'my artifact'], [2, 'second']])
assert.equal(list[0].size, up.size)
assert.ok(list[0].createdAt instanceof Date)
const one = (await client.getArtifact('my artifact')).artifact
assert.equal(one.id, 1)
await assert.rejects(client.getArtifact('nothing'), /not found/i)

const to = path.join(root, 'to')
const down = await client.downloadArtifact(one.id, {path: to, expectedHash: one.digest})
assert.equal(down.digestMismatch, false)
assert.equal(fs.readFileSync(path.join(to, 'a.txt'), 'utf8'), 'hello\n')
assert.ok(fs.readFileSync(path.join(to, 'deep', 'big.bin')).equals(big))

const gone = await client.deleteArtifact('second')
assert.equal(gone.id, 2)
assert.equal((await client.listArtifacts()).artifacts.length, 1)
await assert.rejects(client.deleteArtifact('second'), /not found/i)

// archive: false of upload-artifact: one file, as it is
const raw = path.join(src, 'notes ü.txt')
fs.writeFileSync(raw, 'raw\n')
const rawUp = await client.uploadArtifact('ignored', [raw], src, {skipArchive: true})
const rawOne = (await client.listArtifacts()).artifacts.find(a => a.id === rawUp.id)
assert.equal(rawOne.name, 'notes ü.txt')
const rawTo = path.join(root, 'raw')
await client.downloadArtifact(rawUp.id, {path: rawTo, expectedHash: rawOne.digest})
assert.equal(fs.readFileSync(path.join(rawTo, 'notes ü.txt'), 'utf8'), 'raw\n')
console.log('artifact: ok')
