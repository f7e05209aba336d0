// The real @actions/cache against the service: save, restore by key and by prefix, look only.
import assert from 'node:assert'
import fs from 'node:fs'
import path from 'node:path'
import * as cache from '@actions/cache'

const root = process.env.GITHUB_WORKSPACE
process.chdir(root)
const version2 = Boolean(process.env.ACTIONS_CACHE_SERVICE_V2)
const key = suffix => `linux-${version2 ? 'v2' : 'v1'}-${suffix}`
const place = path.join(root, 'kept')
fs.mkdirSync(path.join(place, 'deep'), {recursive: true})
fs.writeFileSync(path.join(place, 'a.txt'), 'hello\n')
const big = Buffer.alloc(3 << 20)
for (let i = 0, x = 7; i < big.length; i += 4) {
  x = (Math.imul(x, 1664525) + 1013904223) >>> 0
  big.writeUInt32LE(x, i)
}
fs.writeFileSync(path.join(place, 'deep', 'big.bin'), big)

assert.equal(cache.isFeatureAvailable(), true)
assert.equal(await cache.restoreCache(['kept'], key('1')), undefined)
const id = await cache.saveCache(['kept'], key('1'), {uploadChunkSize: 1 << 20})
assert.ok(id > 0, `saved as ${id}`)
assert.equal(await cache.saveCache(['kept'], key('1')), -1) // a warning: it is there already

fs.rmSync(place, {recursive: true})
assert.equal(await cache.restoreCache(['kept'], key('1'), [], {lookupOnly: true}), key('1'))
assert.equal(fs.existsSync(place), false)
assert.equal(await cache.restoreCache(['kept'], key('1')), key('1'))
assert.ok(fs.readFileSync(path.join(place, 'deep', 'big.bin')).equals(big))

fs.rmSync(place, {recursive: true})
assert.equal(await cache.restoreCache(['kept'], key('2'), ['mac-', key('')]), key('1'))
assert.equal(fs.readFileSync(path.join(place, 'a.txt'), 'utf8'), 'hello\n')
assert.equal(await cache.restoreCache(['other'], key('1')), undefined) // another version
assert.equal(await cache.restoreCache(['kept'], 'x', ['y']), undefined)

fs.writeFileSync(path.join(place, 'a.txt'), 'newer\n')
assert.ok((await cache.saveCache(['kept'], key('3'))) > 0)
fs.rmSync(place, {recursive: true})
assert.equal(await cache.restoreCache(['kept'], key('9'), [key('')]), key('3'))
assert.equal(fs.readFileSync(path.join(place, 'a.txt'), 'utf8'), 'newer\n')
console.log(`cache ${version2 ? 2 : 1}: ok`)
