// SPDX-License-Identifier: GPL-2.0-only
/*
 * Self-tests of the module, on the machine on which it runs.
 *
 * Replay windows and selectors are arithmetic: they are tested when the module is
 * loaded, which takes microseconds and fails if they do.  What the crypto API gives us
 * may be any of several drivers, and even hardware: each algorithm must do the vectors of
 * vectors.c right when alg.c first meets it, or it is not used.
 *
 * A vector is encrypted and compared; decrypted again and compared; and decrypted once
 * more with one bit of the ICV wrong, which must be refused.  All of that goes through the
 * same calls as packets do.
 *
 * That the tests can fail is shown by the parameter selftest_break: the expectation of
 * the test named by it is wrong.
 */
#include <crypto/aead.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "klips/alg.h"
#include "klips/selftest.h"
#include "klips/vectors.h"
#include "klips/xform.h"

static char *selftest_break;
module_param(selftest_break, charp, 0400);
MODULE_PARM_DESC(selftest_break, "the self-test of this name is to fail, or \"all\" (for tests)");

static bool is_broken(const char *name)
{
	return selftest_break && (!strcmp(selftest_break, name) || !strcmp(selftest_break, "all"));
}

/*
 * Suites.
 */

#define ASSOC_MAX	64	/* with the IV */
#define TEXT_MAX	128	/* with the ICV */
#define KEY_MAX		64

/* One vector under way, in memory that a driver may reach. */
struct trial {
	u8 buf[ASSOC_MAX + TEXT_MAX];	/* assoc, IV, text, ICV */
	u8 iv[16];
	u8 filler[KEY_MAX];
	unsigned int assoc, text, icv;	/* octets */
	struct scatterlist sg;
	struct aead_request *req;
	struct crypto_wait wait;
};

/* Keys that the vector has, and for its partner any. */
static int set_keys(struct trial *t, struct crypto_aead *aead, const struct klips_suite *suite,
		    const struct klips_vector *v)
{
	struct klips_keys keys = { .ekey = t->filler, .akey = t->filler };
	unsigned int i;

	for (i = 0; i < sizeof(t->filler); i++)
		t->filler[i] = i * 7 + 1;	/* no two thirds of it alike: 3DES minds */
	keys.ekey_len = suite->enc->min / 8 + suite->enc->salt;
	keys.akey_len = suite->auth ? suite->auth->bits / 8 : 0;
	if (v->ealg) {
		keys.ekey = (const u8 *)v->key.ptr;
		keys.ekey_len = v->key.len;
	} else {
		keys.akey = (const u8 *)v->key.ptr;
		keys.akey_len = v->key.len;
	}
	return klips_suite_set_keys(aead, suite, &keys);
}

/*
 * The message of a hash, as associated data in front of no text.  Extended sequence
 * numbers have their upper half hashed last but handed over as the second word, so for
 * them the message's last word goes there.
 */
static void put_message(struct trial *t, const struct klips_octets *message, bool esn)
{
	t->assoc = message->len;
	memcpy(t->buf, message->ptr, message->len);
	if (!esn)
		return;
	memcpy(t->buf + 4, message->ptr + message->len - 4, 4);
	memcpy(t->buf + 8, message->ptr + 4, message->len - 8);
}

/* SPI, number and IV as in a packet; a cipher that needs a hash has its SPI from here. */
static void put_packet(struct trial *t, const struct klips_vector *v)
{
	t->assoc = v->assoc.len ? v->assoc.len : 8;
	memset(t->buf, 0xa5, t->assoc);
	memcpy(t->buf, v->assoc.ptr, v->assoc.len);
	memcpy(t->buf + t->assoc, v->iv.ptr, v->iv.len);
	t->assoc += v->iv.len;
	t->text = v->plain.len;
	memcpy(t->buf + t->assoc, v->plain.ptr, v->plain.len);
}

static void prepare(struct trial *t, const struct klips_vector *v, unsigned int len)
{
	memset(t->iv, 0, sizeof(t->iv));
	memcpy(t->iv, v->iv.ptr, v->iv.len);
	sg_init_one(&t->sg, t->buf, t->assoc + t->text + t->icv);
	aead_request_set_callback(t->req, CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG,
				  crypto_req_done, &t->wait);
	aead_request_set_crypt(t->req, &t->sg, &t->sg, len, t->iv);
	aead_request_set_ad(t->req, t->assoc);
}

static int encrypt(struct trial *t, const struct klips_vector *v)
{
	prepare(t, v, t->text);
	return crypto_wait_req(crypto_aead_encrypt(t->req), &t->wait);
}

static int decrypt(struct trial *t, const struct klips_vector *v)
{
	prepare(t, v, t->text + t->icv);
	return crypto_wait_req(crypto_aead_decrypt(t->req), &t->wait);
}

/* What came out of encryption, which is kept, to be decrypted more than once. */
static bool is_right(const struct trial *t, const struct klips_vector *v)
{
	const u8 *text = t->buf + t->assoc;

	return !memcmp(text, v->cipher.ptr, t->text) &&
	       !memcmp(text + t->text, v->icv.ptr, v->icv.len);
}

static int run(struct trial *t, const struct klips_vector *v, bool broken)
{
	u8 sealed[TEXT_MAX];
	int err;

	err = encrypt(t, v);
	if (err)
		return err;
	if (is_right(t, v) == broken)
		return -ELIBBAD;
	memcpy(sealed, t->buf + t->assoc, t->text + t->icv);
	err = decrypt(t, v);
	if (err)
		return err == -EBADMSG ? -ELIBBAD : err;
	if (memcmp(t->buf + t->assoc, v->plain.ptr, t->text))
		return -ELIBBAD;
	memcpy(t->buf + t->assoc, sealed, t->text + t->icv);
	t->buf[t->assoc + t->text] ^= 0x40;
	return decrypt(t, v) == -EBADMSG ? 0 : -ELIBBAD;
}

static int try_vector(struct crypto_aead *aead, const struct klips_suite *suite,
		      const struct klips_vector *v, bool esn, bool broken)
{
	struct trial *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err = -ENOMEM;

	if (!t)
		return err;
	t->icv = klips_suite_icv(suite);
	if (v->ealg)
		put_packet(t, v);
	else
		put_message(t, &v->assoc, esn);
	if (WARN_ON_ONCE(t->assoc > ASSOC_MAX || t->text + t->icv > TEXT_MAX))
		goto out;
	crypto_init_wait(&t->wait);
	t->req = aead_request_alloc(aead, GFP_KERNEL);
	if (!t->req)
		goto out;
	err = set_keys(t, aead, suite, v);
	if (!err)
		err = run(t, v, broken);
	aead_request_free(t->req);
out:
	kfree_sensitive(t);
	return err;
}

int klips_selftest_suite(struct crypto_aead *aead, const struct klips_suite *suite, u8 ealg,
			 u8 aalg, bool esn)
{
	bool broken = is_broken(esn ? "ESN" : ealg ? suite->enc->name : suite->auth->name);
	const struct klips_vector *v;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && (v = klips_vector_at(i)); i++)
		if (v->ealg == ealg && v->aalg == aalg && (!esn || v->assoc.len >= 12))
			err = try_vector(aead, suite, v, esn, broken);
	return err;
}

/*
 * Arithmetic.
 */

struct step {
	u64 seq;
	bool fresh;
};

static bool window_agrees(u32 size, bool esn, const struct step *steps, unsigned int n)
{
	struct klips_replay *r = kzalloc(struct_size(r, map, klips_replay_words(size)), GFP_KERNEL);
	bool good = r;
	unsigned int i;

	if (r)
		klips_replay_init(r, size, esn, 0);
	for (i = 0; good && i < n; i++)
		good = klips_replay_number(r, lower_32_bits(steps[i].seq)) == steps[i].seq &&
		       klips_replay_check(r, steps[i].seq) == steps[i].fresh &&
		       klips_replay_accept(r, steps[i].seq) == steps[i].fresh;
	kfree(r);
	return good;
}

static bool replay_works(void)
{
	static const struct step plain[] = {
		{ 1, true }, { 1, false }, { 3, true }, { 2, true }, { 2, false }, { 0, false },
		{ 64, true }, { 32, false }, { 33, true }, { 33, false },
		{ U32_MAX, true }, { U32_MAX, false }, { U32_MAX - 31, true }, { 1, false },
	};
	static const struct step extended[] = {
		{ 1, true }, { 0xfffffff0, true }, { 0x100000000, true }, { 0x100000000, false },
		{ 0xfffffff1, true }, { 0xfffffff0, false }, { 0x100000010, true },
		{ 0x180000000, true }, { 0x1ffffffff, true }, { 0x200000005, true },
		{ 0x1fffffffe, true },
	};

	return window_agrees(32, false, plain, ARRAY_SIZE(plain)) &&
	       window_agrees(32, true, extended, ARRAY_SIZE(extended));
}

/* 192.0.2.0/24 to anywhere, TCP; and flows that it covers or not. */
static bool selectors_work(void)
{
	const struct klips_selector sel = {
		.family = AF_INET, .src.v4 = htonl(0xc0000200), .src_bits = 24,
		.proto = IPPROTO_TCP,
	};
	static const struct {
		u32 src;
		u8 proto;
		bool covered;
	} flows[] = {
		{ 0xc0000201, IPPROTO_TCP, true }, { 0xc00002ff, IPPROTO_TCP, true },
		{ 0xc0000301, IPPROTO_TCP, false }, { 0xc00001ff, IPPROTO_TCP, false },
		{ 0xc0000201, IPPROTO_UDP, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flows); i++) {
		const struct klips_selector flow = {
			.family = AF_INET, .src_bits = 32, .dst_bits = 32, .proto = flows[i].proto,
			.src.v4 = htonl(flows[i].src), .dst.v4 = htonl(0xc0000301),
		};

		if (klips_selector_covers(&sel, &flow) != flows[i].covered)
			return false;
	}
	return true;
}

static const struct {
	const char *name;
	bool (*works)(void);
} sums[] = {
	{ "replay", replay_works },
	{ "selectors", selectors_work },
};

int klips_selftest_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sums); i++) {
		if (sums[i].works() != is_broken(sums[i].name))
			continue;
		pr_err("klips_error:selftest: %s: wrong results; the module will not be loaded\n",
		       sums[i].name);
		return -EIO;
	}
	return 0;
}

int klips_selftest_show(struct seq_file *m, void *v)
{
	unsigned int i;

	klips_alg_try_all();
	for (i = 0; i < ARRAY_SIZE(sums); i++)
		seq_printf(m, "%-20s passed\n", sums[i].name);
	klips_alg_show(m);
	return 0;
}
