#include "validators/sm4.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct sm4 {
    EVP_CIPHER_CTX *opens;
    uint8_t key[SM4_KEY_SIZE];
};

static EVP_CIPHER_CTX *begin(const uint8_t *key, int encrypts)
{
    EVP_CIPHER_CTX *made = EVP_CIPHER_CTX_new();
    if (made != NULL && EVP_CipherInit_ex(made, EVP_sm4_ecb(), NULL, key, NULL, encrypts) == 1) {
        EVP_CIPHER_CTX_set_padding(made, 0);
        return made;
    }
    EVP_CIPHER_CTX_free(made);
    return NULL;
}

static void run(EVP_CIPHER_CTX *context, struct slice in, uint8_t *out)
{
    int size = 0;
    assert(in.size % SM4_BLOCK_SIZE == 0 && in.size <= INT32_MAX);
    int done = EVP_CipherUpdate(context, out, &size, in.ptr, (int)in.size);
    assert(done == 1 &&
           (size_t)size == in.size); /* whole blocks and no padding: nothing is kept back */
}

struct sm4 *sm4_new(const uint8_t key[static SM4_KEY_SIZE])
{
    struct sm4 *made = malloc(sizeof *made);
    assert(made != NULL);
    memcpy(made->key, key, SM4_KEY_SIZE);
    made->opens = begin(key, 0);
    if (made->opens == NULL) {
        sm4_free(made);
        return NULL;
    }
    return made;
}

struct sm4 *sm4_copy(const struct sm4 *sm4)
{
    struct sm4 *made = sm4_new(sm4->key);
    assert(made != NULL);
    return made;
}

void sm4_free(struct sm4 *sm4)
{
    if (sm4 == NULL) {
        return;
    }
    EVP_CIPHER_CTX_free(sm4->opens); /* which cleanses its key schedule */
    OPENSSL_cleanse(sm4->key, sizeof sm4->key);
    free(sm4);
}

const uint8_t *sm4_key(const struct sm4 *sm4)
{
    return sm4->key;
}

void sm4_decrypt(struct sm4 *sm4, struct slice in, uint8_t *out)
{
    run(sm4->opens, in, out);
}

void sm4_encrypt(const uint8_t key[static SM4_KEY_SIZE], struct slice in, uint8_t *out)
{
    EVP_CIPHER_CTX *context = begin(key, 1);
    assert(context != NULL);
    run(context, in, out);
    EVP_CIPHER_CTX_free(context);
}

void sm4_check(const uint8_t key[static SM4_KEY_SIZE], char out[static SM4_CHECK_SIZE + 1])
{
    static const uint8_t ZEROS[SM4_BLOCK_SIZE] = {0};
    static const char HEX[] = "0123456789abcdef";
    uint8_t block[SM4_BLOCK_SIZE];
    sm4_encrypt(key, slice_from(ZEROS, sizeof ZEROS), block);
    for (int i = 0; i < SM4_CHECK_SIZE; i++) {
        out[i] = HEX[block[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
    }
    out[SM4_CHECK_SIZE] = '\0';
}
